/** Pictures and videos, each perhaps with a caption. */

import type { InputProps, Kind, OutputProps } from "../kind";
import { type AnyFile, isFile } from "../../services/files";
import { DropZone } from "../../views/dropzone";
import { nameOf } from "../../views/file";
import { VideoPlayer, Picture } from "../../views/media";
import "./style.css";

interface Item {
	image?: AnyFile;
	video?: AnyFile;
	caption?: string | null;
}

function itemsOf(value: unknown): Item[] {
	return Array.isArray(value) ? (value as Item[]).filter((one) => isFile(one?.image) || isFile(one?.video)) : [];
}

function Shown({ item, label }: { item: Item; label: string }) {
	const file = (item.image ?? item.video) as AnyFile;
	const name = item.caption || nameOf(file);
	return item.image ? <Picture file={file} alt={name} /> : <VideoPlayer file={file} label={label} />;
}

function Input({ field, value, id }: InputProps) {
	const items = itemsOf(value.value);
	const take = (files: File[]) => {
		const added = files.map((file) => (file.type.startsWith("video/") ? { video: file, caption: null } : { image: file, caption: null }));
		value.value = [...items, ...added];
	};
	return (
		<>
			<ul class="gallery">
				{items.map((item, index) => (
					<li key={index}>
						<Shown item={item} label={field.label} />
						<button
							type="button"
							class="small"
							onClick={() => {
								value.value = items.filter((_, i) => i !== index);
							}}
						>
							Remove
						</button>
					</li>
				))}
			</ul>
			<DropZone id={id} accept="image/*,video/*" multiple take={take} what="Pictures" />
		</>
	);
}

function Output({ field, value }: OutputProps) {
	return (
		<ul class="gallery">
			{itemsOf(value).map((item, index) => (
				<li key={index}>
					<Shown item={item} label={field.label} />
					{item.caption && <p>{item.caption}</p>}
				</li>
			))}
		</ul>
	);
}

export default { types: ["gallery"], input: Input, output: Output, initial: () => [] } satisfies Kind;
