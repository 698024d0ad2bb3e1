/** A model in three dimensions, which can be turned. */

import type { InputProps, Kind, OutputActions, OutputProps } from "../kind";
import { type AnyFile, fetchBytes, isFile } from "../../services/files";
import { useDrawing } from "../../views/usedrawing";
import { DropZone } from "../../views/dropzone";
import { ChosenFile, nameOf, useFileUrl } from "../../views/file";
import "./style.css";

const READ = ".glb,.gltf,.obj,.ply,.splat,.stl";

function Model({ file, label }: { file: AnyFile; label: string }) {
	const address = useFileUrl(file);
	const [canvas, problem] = useDrawing<HTMLCanvasElement>([address], async (element) => {
		const [{ show }, bytes] = await Promise.all([import("./scene"), fetchBytes(address as string)]);
		return show(element, nameOf(file), bytes);
	});
	if (problem) return <p class="empty">It cannot be shown here ({problem}).</p>;
	return <canvas ref={canvas} class="model" role="img" aria-label={`${label}: ${nameOf(file)}`} tabIndex={0} />;
}

function Input({ field, value, id }: InputProps) {
	const take = (file: File | undefined) => {
		value.value = file ?? null;
	};
	if (!isFile(value.value)) return <DropZone id={id} accept={READ} take={([file]) => take(file)} what="A model" />;
	return (
		<>
			<Model file={value.value} label={field.label} />
			<ChosenFile file={value.value} remove={() => take(undefined)} />
		</>
	);
}

function Output({ field, value }: OutputProps) {
	if (!isFile(value)) return <p class="empty">No model</p>;
	return (
		<Model key={nameOf(value)} file={value} label={field.label} />
	);
}

const actions = (value: unknown): OutputActions => (isFile(value) ? { files: [value] } : {});
export default { types: ["model3d"], input: Input, output: Output, actions, initial: () => null } satisfies Kind;
