/** A picture: dropped, pasted, chosen or from the camera. */

import type { InputProps, Kind, OutputProps } from "../kind";
import { Capture } from "../../views/capture";
import { Drop } from "../../views/drop";
import { isFile, Taken } from "../../views/file";
import { Kept, Picture } from "../../views/media";

function Input({ field, value, id, disabled }: InputProps) {
	const take = (file: File | undefined) => {
		value.value = file ?? null;
	};
	if (isFile(value.value)) {
		return (
			<>
				<Picture file={value.value} alt={field.label} />
				<Taken file={value.value} drop={() => take(undefined)} disabled={disabled} />
			</>
		);
	}
	const sources = field.props.sources as string[] | undefined;
	return (
		<>
			<Drop id={id} accept="image/*" disabled={disabled} take={([file]) => take(file)} what="A picture" />
			{(!sources || sources.includes("webcam")) && <Capture what="image" take={take} disabled={disabled} />}
		</>
	);
}

function Output({ field, value }: OutputProps) {
	if (!isFile(value)) return <p class="nothing">No picture</p>;
	return (
		<>
			<Picture file={value} alt={field.label} />
			<Kept file={value} />
		</>
	);
}

export default { types: ["image"], input: Input, output: Output, initial: () => null } satisfies Kind;
