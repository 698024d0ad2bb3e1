/** A picture with named regions over it. */

import { useState } from "preact/hooks";
import type { FileData, Kind, OutputProps } from "../kind";
import { isFile, useAddress } from "../../views/file";

interface Annotated {
	image?: FileData;
	annotations?: { image: FileData; label: string }[];
}

function Region({ file, shown }: { file: FileData; shown: boolean }) {
	const address = useAddress(file);
	return <img src={address} alt="" class={shown ? "" : "faint"} />;
}

function Output({ field, value }: OutputProps) {
	const found = (value ?? {}) as Annotated;
	const [only, setOnly] = useState<number>();
	const address = useAddress(found.image);
	if (!isFile(found.image)) return <p class="nothing">No picture</p>;
	const regions = found.annotations ?? [];
	return (
		<>
			<div class="layers">
				<img src={address} alt={field.label} />
				{regions.map((one, place) => (
					<Region key={place} file={one.image} shown={only === undefined || only === place} />
				))}
			</div>
			<ul class="tags">
				{regions.map((one, place) => (
					<li key={place}>
						<button type="button" aria-pressed={only === place} onClick={() => setOnly(only === place ? undefined : place)}>
							{one.label}
						</button>
					</li>
				))}
			</ul>
		</>
	);
}

export default { types: ["annotatedimage"], output: Output } satisfies Kind;
