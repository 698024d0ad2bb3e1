/** A picture with named regions over it. */

import { useState } from "preact/hooks";
import { type FileData, isFile } from "../../services/files";
import type { Kind, OutputProps } from "../kind";
import { useFileUrl } from "../../views/file";
import "../../views/layers.css";
import "./style.css";

interface Annotated {
	image?: FileData;
	annotations?: { image: FileData; label: string }[];
}

function Region({ file, shown }: { file: FileData; shown: boolean }) {
	const address = useFileUrl(file);
	return <img src={address} alt="" class={shown ? "" : "faint"} />;
}

function Output({ field, value }: OutputProps) {
	const found = (value ?? {}) as Annotated;
	const [only, setOnly] = useState<number>();
	const address = useFileUrl(found.image);
	if (!isFile(found.image)) return <p class="empty">No picture</p>;
	const regions = found.annotations ?? [];
	return (
		<>
			<div class="layers">
				<img src={address} alt={field.label} />
				{regions.map((one, index) => (
					<Region key={index} file={one.image} shown={only === undefined || only === index} />
				))}
			</div>
			<ul class="tags">
				{regions.map((one, index) => (
					<li key={index}>
						<button type="button" aria-pressed={only === index} onClick={() => setOnly(only === index ? undefined : index)}>
							{one.label}
						</button>
					</li>
				))}
			</ul>
		</>
	);
}

export default { types: ["annotatedimage"], output: Output } satisfies Kind;
