/** What was drawn: strokes on layers over a picture. Never changed; each change gives another. */

import { type AnyFile, isFile } from "../../services/files";

export interface Stroke {
	layer: number;
	erase: boolean;
	colour: string;
	/** In pixels of the picture, as the points are. */
	width: number;
	points: [number, number][];
}

export interface Layer {
	/** A picture that came with it. */
	own?: AnyFile;
}

export interface Drawing {
	/** None: a blank ground. */
	background?: AnyFile;
	layers: Layer[];
	strokes: Stroke[];
	/** ChosenFile back, the newest last. */
	undone: Stroke[];
}

/** The value that a function takes. */
export interface Layers {
	background: AnyFile | null;
	layers: AnyFile[];
	composite: AnyFile | null;
}

/** The drawing over a value that came from an example or an answer. */
export function drawingOf(value: Partial<Layers>): Drawing {
	const own = (value.layers ?? []).filter(isFile).map((file) => ({ own: file }));
	return {
		...(isFile(value.background) && { background: value.background }),
		layers: own.length ? own : [{}],
		strokes: [],
		undone: [],
	};
}

export const drawn = (old: Drawing, stroke: Stroke): Drawing => ({ ...old, strokes: [...old.strokes, stroke], undone: [] });

export function undo(old: Drawing): Drawing {
	const last = old.strokes.at(-1);
	return last ? { ...old, strokes: old.strokes.slice(0, -1), undone: [...old.undone, last] } : old;
}

export function redo(old: Drawing): Drawing {
	const last = old.undone.at(-1);
	return last ? { ...old, strokes: [...old.strokes, last], undone: old.undone.slice(0, -1) } : old;
}

export const cleared = (old: Drawing): Drawing => ({ ...old, strokes: [], undone: [] });

export const layered = (old: Drawing): Drawing => ({ ...old, layers: [...old.layers, {}] });
