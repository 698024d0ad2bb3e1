/** A picture with layers: the picture is chosen, what was drawn is shown. */

import type { InputProps, Kind, OutputProps } from "../kind";
import { Drop } from "../../views/drop";
import { isFile, Taken } from "../../views/file";
import { Kept, Picture } from "../../views/media";

interface Layers {
	background?: unknown;
	layers?: unknown[];
	composite?: unknown;
}

function Input({ field, value, id, disabled }: InputProps) {
	const own = ((value.value ?? {}) as Layers).background;
	const take = (file: File | undefined) => {
		value.value = file ? { background: file, layers: [], composite: file } : null;
	};
	if (!isFile(own)) return <Drop id={id} accept="image/*" disabled={disabled} take={([file]) => take(file)} what="A picture" />;
	return (
		<>
			<Picture file={own} alt={field.label} />
			<Taken file={own} drop={() => take(undefined)} disabled={disabled} />
		</>
	);
}

function Output({ field, value }: OutputProps) {
	const found = (value ?? {}) as Layers;
	const shown = [found.composite, found.background].find(isFile);
	if (!shown) return <p class="nothing">No picture</p>;
	return (
		<>
			<Picture file={shown} alt={field.label} />
			<Kept file={shown} />
		</>
	);
}

export default { types: ["imageeditor"], input: Input, output: Output, initial: () => null } satisfies Kind;
