/** The form that makes a token: what it may, where, and for how long. */

import { Plus, X } from "lucide";
import { useId, useState } from "preact/hooks";
import { Button, IconButton } from "../../../parts/button";
import { Card } from "../../../parts/card";
import { Field } from "../../../parts/field";
import { Segmented } from "../../../parts/segmented";
import { Select } from "../../../parts/select";
import { makeToken, type TokenRight, type TokenRole } from "../../../services/hub/tokens";
import { viewer } from "../../../services/hub/viewer";

const ROLES = [
	["read", "Read"],
	["write", "Read and write"],
	["fineGrained", "Certain Spaces only"],
] as const;
const RIGHTS = [
	["call", "call"],
	["read", "read files"],
	["write", "change"],
	["manage", "manage"],
] as const;
const LIFETIMES = [
	["7", "7 days"],
	["30", "30 days"],
	["90", "90 days"],
	["365", "a year"],
	["", "until it is revoked"],
] as const;

interface Scope {
	where: string;
	right: TokenRight;
}

export function NewToken({ made }: { made: (name: string, secret: string) => void }) {
	const id = useId();
	const [name, setName] = useState("");
	const [role, setRole] = useState<TokenRole>("read");
	const [scopes, setScopes] = useState<Scope[]>([]);
	const [days, setDays] = useState<string>("90");
	const [problem, setProblem] = useState<string>();
	const shown = scopes.length ? scopes : [{ where: viewer.value?.name ?? "", right: "call" as const }];
	const change = (index: number, to: Partial<Scope>) => setScopes(shown.map((one, at) => (at === index ? { ...one, ...to } : one)));
	const send = (event: Event) => {
		event.preventDefault();
		const given = role === "fineGrained" ? shown.map((one) => `${one.where.trim()}:${one.right}`) : [];
		makeToken(name.trim(), role, given, days ? Number(days) : undefined).then(
			(secret) => {
				made(name.trim(), secret);
				setName("");
				setScopes([]);
				setProblem(undefined);
			},
			(error: Error) => setProblem(error.message),
		);
	};
	return (
		<Card title="New token">
			<form class="fields" onSubmit={send}>
				<Field id={id} label="Name" info="What it is for: a machine or a program." problem={problem}>
					<input
						id={id}
						autocomplete="off"
						spellcheck={false}
						placeholder="laptop"
						value={name}
						aria-describedby={`${id}-problem`}
						onInput={(event) => setName(event.currentTarget.value)}
					/>
				</Field>
				<Field label="It may" group>
					<Segmented label="It may" options={ROLES} value={role} change={setRole} />
				</Field>
				{role === "fineGrained" && (
					<Field label="Where" group info="A Space as owner/name, or an owner for all of its Spaces.">
						<div class="scopes">
							{shown.map((one, index) => (
								<div key={index}>
									<input
										aria-label={`Space or owner ${index + 1}`}
										spellcheck={false}
										placeholder="owner/name"
										value={one.where}
										onInput={(event) => change(index, { where: event.currentTarget.value })}
									/>
									<Select label={`Right ${index + 1}`} options={RIGHTS} value={one.right} change={(right) => change(index, { right })} />
									<IconButton
										label={`Remove ${one.where || "this one"}`}
										icon={X}
										disabled={shown.length === 1}
										onClick={() => setScopes(shown.filter((_, at) => at !== index))}
									/>
								</div>
							))}
							<div>
								<Button small icon={Plus} onClick={() => setScopes([...shown, { where: "", right: "call" }])}>
									One more
								</Button>
							</div>
						</div>
					</Field>
				)}
				<Field id={`${id}-days`} label="Valid for">
					<Select id={`${id}-days`} options={LIFETIMES} value={days} change={setDays} />
				</Field>
				<div>
					<Button type="submit" look="primary" disabled={!name.trim()}>
						Make token
					</Button>
				</div>
			</form>
		</Card>
	);
}
