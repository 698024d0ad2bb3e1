/** The author's examples as cards: a click fills the inputs, and shows the result where it is kept. */

import type { Field } from "../components/kind";
import type { Call } from "../services/call";
import { type AnyFile, isFile } from "../services/files";
import { nameOf, useFileUrl } from "./file";
import "./examples.css";

const TEXT_MAX = 90;
const SHOWN_MAX = 12;

function summarize(value: unknown): string {
	if (isFile(value)) return nameOf(value);
	const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
	return text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX - 1)}…` : text;
}

function isPicture(value: unknown): value is AnyFile {
	return isFile(value) && /\.(png|jpe?g|gif|webp|avif|svg)$/i.test(nameOf(value));
}

function isVideo(value: unknown): value is AnyFile {
	return isFile(value) && /\.(mp4|webm|mov|ogv)$/i.test(nameOf(value));
}

export function Examples({ call }: { call: Call }) {
	const { examples, inputs, cachedExamples, thumbnails } = call.endpoint;
	const use = (row: unknown[]) => {
		call.fill(row);
		if (cachedExamples) void call.run();
	};
	if (!examples.length) return null;
	return (
		<section class="examples" aria-label="Examples">
			<h2 class="minor">Examples</h2>
			<ul>
				{examples.slice(0, SHOWN_MAX).map((row, index) => (
					<li key={index}>
						<button type="button" onClick={() => use(row)}>
							<span class="visually-hidden">Use example {index + 1}: </span>
							<Example row={row} inputs={inputs} thumbnail={thumbnails[index] ?? undefined} />
						</button>
					</li>
				))}
			</ul>
		</section>
	);
}

/** What only one input holds needs no label. */
function Example({ row, inputs, thumbnail }: { row: unknown[]; inputs: Field[]; thumbnail: AnyFile | undefined }) {
	const picture = row.find(isPicture) ?? row.find(isVideo);
	const others = row.map((value, index) => [inputs[index]?.label ?? "", value] as const).filter(([, value]) => value !== picture && value !== null);
	return (
		<span class="example">
			{picture && <Thumbnail file={picture} small={thumbnail} />}
			{others.map(([label, value]) => (
				<span key={label} class="value" dir="auto">
					{others.length > 1 && <small>{label}</small>}
					{summarize(value)}
				</span>
			))}
		</span>
	);
}

/** `small`: a smaller picture of the file, which the server has made. Of a video the browser shows its first frame. */
function Thumbnail({ file, small = file }: { file: AnyFile; small: AnyFile | undefined }) {
	const address = useFileUrl(small);
	if (isVideo(small)) return <video src={address} preload="metadata" muted playsInline tabIndex={-1} aria-label={nameOf(file)} />;
	return <img src={address} alt={nameOf(file)} loading="lazy" />;
}
