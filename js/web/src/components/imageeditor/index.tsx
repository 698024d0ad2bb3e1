/** A picture to draw on. The function gets the picture, each layer, and all of them as one picture. */

import { useEffect, useState } from "preact/hooks";
import type { Field, InputProps, Kind, OutputActions, OutputProps } from "../kind";
import { type AnyFile, isFile, readFile } from "../../services/files";
import { LazyFile } from "../../services/lazyfile";
import { Capture } from "../../views/capture";
import { DropZone } from "../../views/dropzone";
import { nameOf } from "../../views/file";
import { Picture } from "../../views/media";
import { Canvas } from "./canvas";
import { drawingOf, type Drawing, type Layers } from "./drawing";
import { compose, renderLayers, png, createCanvas, type Loaded, type Size } from "./paint";
import "./style.css";

interface Brush {
	colors?: (string | [string, number])[];
	default_size?: number | "auto";
}

const BLANK: [number, number] = [800, 600];
/** Browsers limit the size of a canvas: larger pictures are scaled down to this side. */
const SIDE_MAX = 4096;
/** The drawings whose values this page has made, and their pictures. */
const known = new WeakMap<object, { drawing: Drawing; loaded: Loaded }>();

async function picture(file: AnyFile | undefined): Promise<ImageBitmap | undefined> {
	if (!file) return undefined;
	return createImageBitmap(await readFile(file)).catch(() => {
		throw new Error(`${nameOf(file)} is no picture that this browser can show.`);
	});
}

async function load(drawing: Drawing, blank: Size): Promise<Loaded> {
	const [background, ...own] = await Promise.all([picture(drawing.background), ...drawing.layers.map((one) => picture(one.own))]);
	const size = background ?? own.find(Boolean) ?? blank;
	const scale = Math.min(1, SIDE_MAX / Math.max(size.width, size.height));
	const fitted = { width: Math.round(size.width * scale), height: Math.round(size.height * scale) };
	return { size: fitted, own, whole: scale === 1, ...(background && { background }) };
}

/** The value of a drawing. Its pictures are computed when the call is sent. */
function valueOf(drawing: Drawing, loaded: Loaded): Layers {
	const all = () => renderLayers(drawing, loaded);
	const value: Layers = {
		background: (loaded.whole && drawing.background) || new LazyFile("background.png", () => flat([])),
		layers: drawing.layers.map((_, index) => new LazyFile(`layer-${index + 1}.png`, () => png(all()[index] as CanvasRenderingContext2D))),
		composite: new LazyFile("composite.png", () => flat(all())),
	};
	const flat = (layers: CanvasRenderingContext2D[]) => {
		const pen = createCanvas(loaded.size);
		compose(pen, loaded, layers);
		return png(pen);
	};
	known.set(value, { drawing, loaded });
	return value;
}

function blankOf({ props }: Field): Size {
	const [width, height] = (props.canvas_size as [number, number] | undefined) ?? BLANK;
	return { width, height };
}

function Input({ field, value, id }: InputProps) {
	const [problem, setProblem] = useState("");
	const given = value.value as object | null;
	const own = given ? known.get(given) : undefined;
	const brush = (field.props.brush ?? {}) as Brush;
	const begin = (drawing: Drawing) => {
		load(drawing, blankOf(field)).then(
			(loaded) => {
				setProblem("");
				value.value = valueOf(drawing, loaded);
			},
			(error: Error) => {
				setProblem(error.message);
				value.value = null;
			},
		);
	};
	useEffect(() => {
		if (given && !own) begin(drawingOf(given));
	}, [given]);
	if (!given || !own) {
		const sources = field.props.sources as string[] | undefined;
		const take = (file: File | undefined) => file && begin(drawingOf({ background: file }));
		return (
			<>
				<DropZone id={id} accept="image/*" take={([file]) => take(file)} what="A picture" />
				<div class="row">
					<button type="button" class="small" onClick={() => begin(drawingOf({}))}>
						A blank sheet
					</button>
					{(!sources || sources.includes("webcam")) && <Capture what="image" take={take} />}
				</div>
				{problem && <p class="wrong">{problem}</p>}
			</>
		);
	}
	const { drawing, loaded } = own;
	const wide = typeof brush.default_size === "number" ? brush.default_size : Math.max(2, Math.round(loaded.size.width / 50));
	return (
		<Canvas
			id={id}
			label={field.label}
			drawing={drawing}
			loaded={loaded}
			colours={(brush.colors ?? []).map((one) => (Array.isArray(one) ? one[0] : one))}
			width={wide}
			change={(next) => {
				value.value = valueOf(next, loaded);
			}}
		>
			<button
				type="button"
				class="small"
				onClick={() => {
					value.value = null;
				}}
			>
				Another picture
			</button>
		</Canvas>
	);
}

function pictureOf(value: unknown): AnyFile | undefined {
	const found = (value ?? {}) as Partial<Layers>;
	return [found.composite, found.background].find(isFile);
}

function Output({ field, value }: OutputProps) {
	const shown = pictureOf(value);
	if (!shown) return <p class="empty">No picture</p>;
	return (
		<Picture file={shown} alt={field.label} />
	);
}

function actions(value: unknown): OutputActions {
	const shown = pictureOf(value);
	return shown ? { files: [shown] } : {};
}

export default { types: ["imageeditor"], input: Input, output: Output, actions, initial: () => null } satisfies Kind;
