/** Who sees a Space: everybody, or its owners, its guests, and whoever has its link. */

import { Link, Trash2, UserPlus, UserRound } from "lucide";
import { useId, useState } from "preact/hooks";
import { Banner } from "../../../parts/banner";
import { Button, CopyButton, IconButton } from "../../../parts/button";
import { Card } from "../../../parts/card";
import { Field } from "../../../parts/field";
import { Icon } from "../../../parts/icon";
import { Segmented } from "../../../parts/segmented";
import { Skeleton } from "../../../parts/skeleton";
import { addGuest, endLink, getSharing, makeLink, removeGuest, type Sharing } from "../../../services/hub/sharing";
import { setPrivate, type SpaceSummary } from "../../../services/hub/spaces";
import { showFailure, showToast } from "../../../services/hub/toasts";
import { Problem, useLoaded } from "../../../views/loaded";
import type { Act } from "./settings";

const VISIBILITIES = [
	["public", "Public"],
	["private", "Private"],
] as const;

export function VisibilityCard({ space, act }: { space: SpaceSummary; act: Act }) {
	return (
		<Card title="Who sees it">
			<p>{space.private ? "Its owners and those named below. To all others it is a Space that does not exist." : "Everybody: its app, its API, its files."}</p>
			<Segmented
				label="Who sees it"
				options={VISIBILITIES}
				value={space.private ? "private" : "public"}
				change={(value) => act(setPrivate(space.id, value === "private"), value === "private" ? "It is private now" : "It is public now")}
			/>
			{space.private && <Guests id={space.id} />}
		</Card>
	);
}

function Guests({ id }: { id: string }) {
	const [sharing, problem, reload] = useLoaded(() => getSharing(id), id);
	if (problem) return <Problem title="The access list cannot be shown" text={problem} />;
	if (!sharing) return <Skeleton lines={3} height_px={44} />;
	return (
		<>
			<GuestList id={id} sharing={sharing} changed={reload} />
			<ShareLink id={id} sharing={sharing} changed={reload} />
		</>
	);
}

interface Props {
	id: string;
	sharing: Sharing;
	changed: () => void;
}

function GuestList({ id, sharing, changed }: Props) {
	const own = useId();
	const [name, setName] = useState("");
	const [problem, setProblem] = useState<string>();
	const add = (event: Event) => {
		event.preventDefault();
		addGuest(id, name.trim()).then(
			() => {
				setName("");
				setProblem(undefined);
				changed();
			},
			(error: Error) => setProblem(error.message),
		);
	};
	const remove = (guest: string) =>
		void removeGuest(id, guest).then(() => {
			showToast("Removed", guest);
			changed();
		}, showFailure);
	return (
		<>
			<form class="add" onSubmit={add}>
				<Field id={own} label="Guests" info="Users and organizations that may see it, call it and read its files." problem={problem}>
					<input
						id={own}
						autocomplete="off"
						spellcheck={false}
						placeholder="A user or an organization"
						value={name}
						aria-describedby={`${own}-problem`}
						onInput={(event) => setName(event.currentTarget.value)}
					/>
				</Field>
				<Button type="submit" icon={UserPlus} disabled={!name.trim()}>
					Add
				</Button>
			</form>
			{sharing.guests.length > 0 && (
				<ul class="entries" aria-label="Guests">
					{sharing.guests.map((guest) => (
						<li key={guest}>
							<Icon of={UserRound} />
							<div>{guest}</div>
							<IconButton label={`Remove ${guest}`} icon={Trash2} onClick={() => remove(guest)} />
						</li>
					))}
				</ul>
			)}
		</>
	);
}

function ShareLink({ id, sharing, changed }: Props) {
	const [link, setLink] = useState("");
	const make = () =>
		void makeLink(id).then((made) => {
			setLink(made);
			changed();
		}, showFailure);
	const end = () =>
		void endLink(id).then(() => {
			setLink("");
			showToast("The link is revoked", "Whoever visits with it may not from now on.");
			changed();
		}, showFailure);
	return (
		<Field label="Anyone with the link" group info="Whoever has it may see and call the app, without an account, until you revoke it.">
			<div class="row">
				<Button icon={Link} onClick={make}>
					{sharing.link ? "Make a new link" : "Make a link"}
				</Button>
				{sharing.link && (
					<Button look="danger" onClick={end}>
						Revoke the link
					</Button>
				)}
			</div>
			{link && (
				<Banner tone="good" role="status" title="The link is made: copy it now, it is not shown again">
					<div class="made">
						<code>{link}</code>
						<CopyButton text={link} />
					</div>
				</Banner>
			)}
		</Field>
	);
}
