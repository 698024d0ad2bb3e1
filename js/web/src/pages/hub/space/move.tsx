/** Gives a Space another name, another owner, or both. */

import { useId, useState } from "preact/hooks";
import { Button } from "../../../parts/button";
import { Card } from "../../../parts/card";
import { Field } from "../../../parts/field";
import { addressOfSpace, navigate } from "../../../services/hub/router";
import { moveSpace, type SpaceSummary } from "../../../services/hub/spaces";
import { showToast } from "../../../services/hub/toasts";
import { viewer } from "../../../services/hub/viewer";

export function MoveCard({ space }: { space: SpaceSummary }) {
	const id = useId();
	const [, ownName = ""] = space.id.split("/");
	const [owner, setOwner] = useState(space.author);
	const [name, setName] = useState(ownName);
	const [problem, setProblem] = useState<string>();
	const owners = [...new Set([space.author, viewer.value?.name ?? "", ...(viewer.value?.organizations ?? []).map((one) => one.name)])].filter(Boolean);
	const to = `${owner.trim()}/${name.trim()}`;
	const move = (event: Event) => {
		event.preventDefault();
		moveSpace(space.id, to).then(
			(moved) => {
				showToast("It has moved", moved.name);
				navigate(addressOfSpace(moved.name, "settings"), { replace: true });
			},
			(error: Error) => setProblem(error.message),
		);
	};
	return (
		<Card title="Rename or transfer">
			<p>Its address and that of its app change, and links to the old ones end. The app starts again.</p>
			<form class="add" onSubmit={move}>
				<Field id={`${id}-owner`} label="Owner">
					<input id={`${id}-owner`} list={`${id}-owners`} autocomplete="off" spellcheck={false} value={owner} onInput={(event) => setOwner(event.currentTarget.value)} />
					<datalist id={`${id}-owners`}>
						{owners.map((one) => (
							<option key={one} value={one} />
						))}
					</datalist>
				</Field>
				<Field id={id} label="Name" problem={problem}>
					<input
						id={id}
						autocomplete="off"
						spellcheck={false}
						value={name}
						aria-describedby={`${id}-problem`}
						onInput={(event) => setName(event.currentTarget.value)}
					/>
				</Field>
				<Button type="submit" disabled={to === space.id || !owner.trim() || !name.trim()}>
					Move
				</Button>
			</form>
		</Card>
	);
}
