/** Pictures and videos, each perhaps with a caption. */

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Button } from "../../parts/button";
import type { InputProps, Kind, OutputProps } from "../kind";
import { type AnyFile, isFile } from "../../services/files";
import { DropZone } from "../../views/dropzone";
import { nameOf } from "../../views/file";
import { VideoPlayer, Picture } from "../../views/media";
import { Viewer } from "../../views/viewer";
import "./style.css";

interface Item {
	image?: AnyFile;
	video?: AnyFile;
	caption?: string | null;
}

function itemsOf(value: unknown): Item[] {
	return Array.isArray(value) ? (value as Item[]).filter((one) => isFile(one?.image) || isFile(one?.video)) : [];
}

const fileOf = (item: Item) => (item.image ?? item.video) as AnyFile;
const titleOf = (item: Item) => item.caption || nameOf(fileOf(item));

/** `children`: what stands below an item. */
function Items({ items, label, children }: { items: Item[]; label: string; children: (item: Item, index: number) => ComponentChildren }) {
	const [at, setAt] = useState<number>();
	const pictures = items.filter((item) => item.image);
	return (
		<>
			<ul class="gallery">
				{items.map((item, index) => (
					<li key={index}>
						{item.image ? (
							<Picture file={item.image} alt={titleOf(item)} enlarge={() => setAt(pictures.indexOf(item))} />
						) : (
							<VideoPlayer file={fileOf(item)} label={label} />
						)}
						{children(item, index)}
					</li>
				))}
			</ul>
			<Viewer pictures={pictures.map((item) => ({ file: fileOf(item), name: titleOf(item) }))} at={at} show={setAt} />
		</>
	);
}

function Input({ field, value, id }: InputProps) {
	const items = itemsOf(value.value);
	const take = (files: File[]) => {
		const added = files.map((file) => (file.type.startsWith("video/") ? { video: file, caption: null } : { image: file, caption: null }));
		value.value = [...items, ...added];
	};
	return (
		<>
			<Items items={items} label={field.label}>
				{(item, index) => (
					<Button
						small
						aria-label={`Remove ${titleOf(item)}`}
						onClick={() => {
							value.value = items.filter((_, i) => i !== index);
						}}
					>
						Remove
					</Button>
				)}
			</Items>
			<DropZone id={id} accept="image/*,video/*" multiple take={take} what="Pictures" />
		</>
	);
}

function Output({ field, value }: OutputProps) {
	return (
		<Items items={itemsOf(value)} label={field.label}>
			{(item) => item.caption && <p dir="auto">{item.caption}</p>}
		</Items>
	);
}

export default { types: ["gallery"], input: Input, output: Output, initial: () => [] } satisfies Kind;
