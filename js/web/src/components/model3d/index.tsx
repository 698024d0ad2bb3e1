/** A model in three dimensions: shown, turned, and kept. */

import type { InputProps, Kind, OutputProps } from "../kind";
import { useDrawn } from "../../views/drawn";
import { Drop } from "../../views/drop";
import { isFile, nameOf, Taken, useAddress, type AnyFile } from "../../views/file";
import { Kept } from "../../views/media";

const READ = ".glb,.gltf,.obj,.ply,.splat,.stl";

function Model({ file, label }: { file: AnyFile; label: string }) {
	const address = useAddress(file);
	const [canvas, problem] = useDrawn<HTMLCanvasElement>([address], async (place) => {
		const [{ show }, answer] = await Promise.all([import("./scene"), fetch(address as string)]);
		if (!answer.ok) throw new Error(`the file was not there: ${answer.status}`);
		return show(place, nameOf(file), await answer.arrayBuffer());
	});
	if (problem) return <p class="nothing">It cannot be shown here ({problem}).</p>;
	return <canvas ref={canvas} class="model" role="img" aria-label={`${label}: ${nameOf(file)}`} tabIndex={0} />;
}

function Input({ field, value, id, disabled }: InputProps) {
	const take = (file: File | undefined) => {
		value.value = file ?? null;
	};
	if (!isFile(value.value)) return <Drop id={id} accept={READ} disabled={disabled} take={([file]) => take(file)} what="A model" />;
	return (
		<>
			<Model file={value.value} label={field.label} />
			<Taken file={value.value} drop={() => take(undefined)} disabled={disabled} />
		</>
	);
}

function Output({ field, value }: OutputProps) {
	if (!isFile(value)) return <p class="nothing">No model</p>;
	return (
		<>
			<Model key={nameOf(value)} file={value} label={field.label} />
			<Kept file={value} />
		</>
	);
}

export default { types: ["model3d"], input: Input, output: Output, initial: () => null } satisfies Kind;
