/** Pictures and videos, each perhaps with a caption. */

import type { InputProps, Kind, OutputProps } from "../kind";
import { Drop } from "../../views/drop";
import { isFile, nameOf, type AnyFile } from "../../views/file";
import { Film, Picture } from "../../views/media";

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
	return item.image ? <Picture file={file} alt={name} /> : <Film file={file} label={label} />;
}

function Input({ field, value, id, disabled }: InputProps) {
	const items = itemsOf(value.value);
	const take = (files: File[]) => {
		const added = files.map((file) => (file.type.startsWith("video/") ? { video: file, caption: null } : { image: file, caption: null }));
		value.value = [...items, ...added];
	};
	return (
		<>
			<ul class="gallery">
				{items.map((item, place) => (
					<li key={place}>
						<Shown item={item} label={field.label} />
						<button
							type="button"
							class="small"
							disabled={disabled}
							onClick={() => {
								value.value = items.filter((_, i) => i !== place);
							}}
						>
							Remove
						</button>
					</li>
				))}
			</ul>
			<Drop id={id} accept="image/*,video/*" several disabled={disabled} take={take} what="Pictures" />
		</>
	);
}

function Output({ field, value }: OutputProps) {
	return (
		<ul class="gallery">
			{itemsOf(value).map((item, place) => (
				<li key={place}>
					<Shown item={item} label={field.label} />
					{item.caption && <p>{item.caption}</p>}
				</li>
			))}
		</ul>
	);
}

export default { types: ["gallery"], input: Input, output: Output, initial: () => [] } satisfies Kind;
