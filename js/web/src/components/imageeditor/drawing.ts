/** A drawing: strokes on layers over a picture. It is immutable: each change returns a new one. */

import { type AnyFile, isFile } from "../../services/files";

export interface Stroke {
	layer: number;
	erase: boolean;
	colour: string;
	/** In pixels of the picture, like the points. */
	width: number;
	points: [number, number][];
}

export interface Layer {
	/** The picture that the layer was given with. */
	own?: AnyFile;
}

export interface Drawing {
	/** Without it the drawing is on white. */
	background?: AnyFile;
	layers: Layer[];
	strokes: Stroke[];
	/** Strokes that were undone, the newest last. */
	undone: Stroke[];
}

/** The value that a function takes. */
export interface Layers {
	background: AnyFile | null;
	layers: AnyFile[];
	composite: AnyFile | null;
}

/** The drawing of a value that came from an example or from a result. */
export function drawingOf(value: Partial<Layers>): Drawing {
	const own = (value.layers ?? []).filter(isFile).map((file) => ({ own: file }));
	return {
		...(isFile(value.background) && { background: value.background }),
		layers: own.length ? own : [{}],
		strokes: [],
		undone: [],
	};
}

export const addStroke = (old: Drawing, stroke: Stroke): Drawing => ({ ...old, strokes: [...old.strokes, stroke], undone: [] });

export function undo(old: Drawing): Drawing {
	const last = old.strokes.at(-1);
	return last ? { ...old, strokes: old.strokes.slice(0, -1), undone: [...old.undone, last] } : old;
}

export function redo(old: Drawing): Drawing {
	const last = old.undone.at(-1);
	return last ? { ...old, strokes: [...old.strokes, last], undone: old.undone.slice(0, -1) } : old;
}

export const clearStrokes = (old: Drawing): Drawing => ({ ...old, strokes: [], undone: [] });

export const addLayer = (old: Drawing): Drawing => ({ ...old, layers: [...old.layers, {}] });
