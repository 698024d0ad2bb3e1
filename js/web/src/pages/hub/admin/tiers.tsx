/** Tiers as data: a row each, whose limits count from the next request on. */

import { Plus, RotateCcw } from "lucide";
import { useId, useState } from "preact/hooks";
import { Button } from "../../../parts/button";
import { Card } from "../../../parts/card";
import { Field } from "../../../parts/field";
import { Skeleton } from "../../../parts/skeleton";
import { changeTier, listTiers, resetTier, type Tier, type TierLimit } from "../../../services/hub/admin";
import { showFailure, showToast } from "../../../services/hub/toasts";
import { Problem, useLoaded } from "../../../views/loaded";

const LIMITS: readonly (readonly [TierLimit, string, string])[] = [
	["requests", "Requests", "to the hub in five minutes"],
	["resolver", "Files", "of Spaces in five minutes"],
	["pages", "Pages", "of the hub in five minutes"],
	["calls", "Calls", "of Spaces in five minutes"],
	["streams", "Streams", "open at once"],
	["priority", "Priority", "0 goes first"],
	["gpu_s", "GPU", "seconds a day"],
	["storage", "Storage", "GB of Spaces"],
];
/** How many of the hub's units are one of the page's. */
const UNITS: Partial<Record<TierLimit, number>> = { storage: 1e9 };
const textOf = (tier: Tier, key: TierLimit) => String(tier[key] / (UNITS[key] ?? 1));
const numberOf = (key: TierLimit, text: string) => (key in UNITS ? Math.round(Number(text) * (UNITS[key] ?? 1)) : Number(text));
const BUILT_IN = ["anonymous", "free", "pro"];

export function TiersPage() {
	const [tiers, problem, reload] = useLoaded(listTiers, "tiers");
	if (problem) return <Problem title="The tiers cannot be shown" text={problem} />;
	if (!tiers) return <Skeleton lines={4} height_px={44} />;
	return (
		<>
			<p>What an account may use; 0 calls and 0 GB stand for any number, 0 streams for what the hub is set to. A change counts from the next request on.</p>
			<div class="sheet" role="region" aria-label="Tiers" tabIndex={0}>
				<table>
					<thead>
						<tr>
							<th scope="col">Tier</th>
							{LIMITS.map(([key, text, unit]) => (
								<th key={key} scope="col">
									{text}
									<br />
									<small>{unit}</small>
								</th>
							))}
							<th scope="col">
								<span class="visually-hidden">Actions</span>
							</th>
						</tr>
					</thead>
					<tbody>
						{tiers.map((one) => (
							<Row key={JSON.stringify(one)} tier={one} changed={reload} />
						))}
					</tbody>
				</table>
			</div>
			<NewTier added={reload} />
		</>
	);
}

function Row({ tier, changed }: { tier: Tier; changed: () => void }) {
	const [texts, setTexts] = useState(() => Object.fromEntries(LIMITS.map(([key]) => [key, textOf(tier, key)])) as Record<TierLimit, string>);
	const edited = LIMITS.filter(([key]) => texts[key] !== textOf(tier, key));
	const valid = edited.every(([key]) => texts[key].trim() !== "" && Number.isFinite(Number(texts[key])));
	const act = (what: Promise<unknown>, text: string) =>
		void what.then(() => {
			showToast(text, tier.name);
			changed();
		}, showFailure);
	const save = (event: Event) => {
		event.preventDefault();
		act(changeTier(tier.name, Object.fromEntries(edited.map(([key]) => [key, numberOf(key, texts[key])]))), "The limits are set");
	};
	const form = `tier-${tier.name}`;
	return (
		<tr>
			<th scope="row">{tier.name}</th>
			{LIMITS.map(([key, text]) => (
				<td key={key}>
					<input
						class="short"
						form={form}
						inputMode="decimal"
						aria-label={`${text} of ${tier.name}`}
						value={texts[key]}
						onInput={(event) => setTexts({ ...texts, [key]: event.currentTarget.value })}
					/>
				</td>
			))}
			<td class="actions">
				<form id={form} class="row" onSubmit={save}>
					<Button small type="submit" look="primary" disabled={!edited.length || !valid} aria-label={`Save ${tier.name}`}>
						Save
					</Button>
					<Button
						small
						icon={RotateCcw}
						aria-label={`${BUILT_IN.includes(tier.name) ? "Reset" : "Remove"} ${tier.name}`}
						onClick={() => act(resetTier(tier.name), BUILT_IN.includes(tier.name) ? "It is as it came" : "Removed: its accounts are free")}
					>
						{BUILT_IN.includes(tier.name) ? "Reset" : "Remove"}
					</Button>
				</form>
			</td>
		</tr>
	);
}

function NewTier({ added }: { added: () => void }) {
	const id = useId();
	const [name, setName] = useState("");
	const [problem, setProblem] = useState<string>();
	const add = (event: Event) => {
		event.preventDefault();
		changeTier(name.trim(), {}).then(
			() => {
				setName("");
				setProblem(undefined);
				added();
			},
			(error: Error) => setProblem(error.message),
		);
	};
	return (
		<Card title="New tier">
			<form class="add" onSubmit={add}>
				<Field id={id} label="Name" info="It begins with the limits of free." problem={problem}>
					<input id={id} autocomplete="off" spellcheck={false} value={name} aria-describedby={`${id}-problem`} onInput={(event) => setName(event.currentTarget.value)} />
				</Field>
				<Button type="submit" icon={Plus} disabled={!name.trim()}>
					Add
				</Button>
			</form>
		</Card>
	);
}
