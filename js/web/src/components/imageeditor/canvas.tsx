/** The drawing area and its tools: brush, eraser, layers, undo and redo. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { addStroke, clearStrokes, addLayer, redo, undo, type Drawing, type Stroke } from "./drawing";
import { compose, createCanvas, drawStroke, renderLayers, type Loaded, type Pen } from "./paint";

interface Props {
	id: string;
	label: string;
	drawing: Drawing;
	loaded: Loaded;
	/** Colours that the author offers. */
	colours: string[];
	/** The width of the brush, in pixels of the picture. */
	width: number;
	change: (drawing: Drawing) => void;
	/** More buttons for the tools below. */
	children: ComponentChildren;
}

export function Canvas({ id, label, drawing, loaded, colours, width, change, children }: Props) {
	const canvas = useRef<HTMLCanvasElement>(null);
	const layers = useRef<Pen[]>([]);
	const live = useRef<Stroke | undefined>(undefined);
	const [erase, setErase] = useState(false);
	const [colour, setColour] = useState(colours[0] ?? "#e11d48");
	const [brushWidth, setBrushWidth] = useState(width);
	const [layer, setLayer] = useState(0);
	const active = Math.min(layer, drawing.layers.length - 1);

	const show = () => {
		const pen = canvas.current?.getContext("2d");
		if (!pen) return;
		const current = live.current;
		const shown = layers.current.map((own, index) => {
			if (index !== current?.layer) return own;
			const copy = createCanvas(loaded.size);
			copy.drawImage(own.canvas, 0, 0);
			drawStroke(copy, current);
			return copy;
		});
		compose(pen, loaded, shown);
	};
	useEffect(() => {
		layers.current = renderLayers(drawing, loaded);
		show();
	}, [drawing, loaded]);

	const point = (event: PointerEvent): [number, number] => {
		const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
		const { size } = loaded;
		return [((event.clientX - box.left) / box.width) * size.width, ((event.clientY - box.top) / box.height) * size.height];
	};
	const begin = (event: PointerEvent) => {
		if (event.button !== 0) return;
		(event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
		live.current = { layer: active, erase, colour, width: brushWidth, points: [point(event)] };
		show();
	};
	const go = (event: PointerEvent) => {
		if (!live.current) return;
		live.current.points.push(point(event));
		requestAnimationFrame(show);
	};
	const end = () => {
		const one = live.current;
		live.current = undefined;
		if (one) change(addStroke(drawing, one));
	};
	const keys = (event: KeyboardEvent) => {
		if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z") return;
		event.preventDefault();
		change(event.shiftKey ? redo(drawing) : undo(drawing));
	};
	const pick = (next: string) => {
		setColour(next);
		setErase(false);
	};
	return (
		<div class="drawing" onKeyDown={keys}>
			<div class="row tools" role="toolbar" aria-label={`${label}: tools`}>
				<button type="button" class="small" aria-pressed={!erase} onClick={() => setErase(false)}>
					Brush
				</button>
				<button type="button" class="small" aria-pressed={erase} onClick={() => setErase(true)}>
					Eraser
				</button>
				{colours.map((one) => (
					<button
						key={one}
						type="button"
						class="swatch"
						style={{ background: one }}
						aria-label={`Colour ${one}`}
						aria-pressed={!erase && one === colour}
						onClick={() => pick(one)}
					/>
				))}
				<input type="color" value={colour} aria-label="Colour" onInput={(event) => pick(event.currentTarget.value)} />
				<input
					type="range"
					min={1}
					max={Math.max(100, width)}
					value={brushWidth}
					aria-label="Width of the brush"
					onInput={(event) => setBrushWidth(event.currentTarget.valueAsNumber)}
				/>
			</div>
			<canvas
				id={id}
				ref={canvas}
				width={loaded.size.width}
				height={loaded.size.height}
				role="img"
				aria-label={`${label}: draw here`}
				tabIndex={0}
				onPointerDown={begin}
				onPointerMove={go}
				onPointerUp={end}
				onPointerCancel={end}
			/>
			<div class="row tools">
				<button type="button" class="small" onClick={() => change(undo(drawing))} disabled={!drawing.strokes.length}>
					Undo
				</button>
				<button type="button" class="small" onClick={() => change(redo(drawing))} disabled={!drawing.undone.length}>
					Redo
				</button>
				<button type="button" class="small" onClick={() => change(clearStrokes(drawing))}>
					Clear drawing
				</button>
				<label class="small">
					Layer{" "}
					<select value={String(active)} onChange={(event) => setLayer(Number(event.currentTarget.value))}>
						{drawing.layers.map((_, index) => (
							<option key={index} value={String(index)}>
								{index + 1}
							</option>
						))}
					</select>
				</label>
				<button
					type="button"
					class="small"
					onClick={() => {
						setLayer(drawing.layers.length);
						change(addLayer(drawing));
					}}
				>
					Add a layer
				</button>
				{children}
			</div>
		</div>
	);
}
