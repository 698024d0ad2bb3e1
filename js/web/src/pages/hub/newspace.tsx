/** Makes an empty Space. Its page then says how its files get there. */

import { useId, useState } from "preact/hooks";
import { Button } from "../../parts/button";
import { Dialog } from "../../parts/dialog";
import { Field } from "../../parts/field";
import { Segmented } from "../../parts/segmented";
import { Select } from "../../parts/select";
import { addressOfSpace, navigate } from "../../services/hub/router";
import { createSpace } from "../../services/hub/spaces";
import { viewer } from "../../services/hub/viewer";

const SDKS = [
	["gradio", "App"],
	["static", "Static page"],
] as const;
const VISIBILITIES = [
	["public", "Public"],
	["private", "Private"],
] as const;

export function NewSpace({ open, close }: { open: boolean; close: () => void }) {
	const id = useId();
	const owners = [viewer.value?.name ?? "", ...(viewer.value?.organizations ?? []).map((one) => one.name)];
	const [owner, setOwner] = useState(owners[0] ?? "");
	const [name, setName] = useState("");
	const [sdk, setSdk] = useState<"gradio" | "static">("gradio");
	const [visibility, setVisibility] = useState<"public" | "private">("public");
	const [problem, setProblem] = useState<string>();
	const make = async (event: Event) => {
		event.preventDefault();
		try {
			const space = await createSpace(owners.includes(owner) ? owner : (owners[0] ?? ""), name.trim(), sdk, visibility === "private");
			close();
			setName("");
			setProblem(undefined);
			navigate(addressOfSpace(space.name));
		} catch (error) {
			setProblem((error as Error).message);
		}
	};
	return (
		<Dialog
			title="New Space"
			open={open}
			close={close}
			footer={
				<>
					<Button onClick={close}>Cancel</Button>
					<Button look="primary" onClick={make} disabled={!name.trim()}>
						Create
					</Button>
				</>
			}
		>
			<form class="fields" onSubmit={make}>
				{owners.length > 1 && (
					<Field id={`${id}-owner`} label="Owner">
						<Select id={`${id}-owner`} options={owners.map((one) => [one, one] as const)} value={owner} change={setOwner} />
					</Field>
				)}
				<Field id={id} label="Name" info="Letters, digits, “-”, “_” and “.”" problem={problem}>
					<input
						id={id}
						autofocus
						autocomplete="off"
						spellcheck={false}
						value={name}
						aria-describedby={`${id}-problem`}
						onInput={(event) => setName(event.currentTarget.value)}
					/>
				</Field>
				<Field label="What it is">
					<Segmented label="What it is" options={SDKS} value={sdk} change={setSdk} />
				</Field>
				<Field label="Who sees it">
					<Segmented label="Who sees it" options={VISIBILITIES} value={visibility} change={setVisibility} />
				</Field>
			</form>
		</Dialog>
	);
}
