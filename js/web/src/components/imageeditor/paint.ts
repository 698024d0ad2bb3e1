/** Renders strokes and layers as pixels. */

import type { Drawing, Stroke } from "./drawing";

export interface Size {
	width: number;
	height: number;
}

/** The pictures of a drawing, loaded. */
export interface Loaded {
	size: Size;
	/** Whether the size is the picture's own: it was not too large to draw on. */
	whole: boolean;
	background?: CanvasImageSource;
	/** The given pictures, by layer. */
	own: (CanvasImageSource | undefined)[];
}

export type Pen = CanvasRenderingContext2D;

export function createCanvas({ width, height }: Size): Pen {
	const canvas = document.createElement("canvas");
	[canvas.width, canvas.height] = [width, height];
	return canvas.getContext("2d") as Pen;
}

/** Draws a smooth line: a curve through the midpoints of the points. */
export function drawStroke(pen: Pen, line: Stroke): void {
	const [first, ...rest] = line.points;
	if (!first) return;
	pen.save();
	pen.globalCompositeOperation = line.erase ? "destination-out" : "source-over";
	pen.strokeStyle = line.colour;
	pen.lineWidth = line.width;
	pen.lineCap = pen.lineJoin = "round";
	pen.beginPath();
	pen.moveTo(...first);
	let [x, y] = first;
	for (const [nextX, nextY] of rest) {
		pen.quadraticCurveTo(x, y, (x + nextX) / 2, (y + nextY) / 2);
		[x, y] = [nextX, nextY];
	}
	pen.lineTo(x, y);
	pen.stroke();
	pen.restore();
}

/** Each layer on its own canvas, transparent where nothing is drawn. */
export function renderLayers(drawing: Drawing, { size, own }: Loaded): Pen[] {
	return drawing.layers.map((_, index) => {
		const pen = createCanvas(size);
		const picture = own[index];
		if (picture) pen.drawImage(picture, 0, 0, size.width, size.height);
		for (const one of drawing.strokes) if (one.layer === index) drawStroke(pen, one);
		return pen;
	});
}

/** Draws the background and all layers; without a background on white. */
export function compose(pen: Pen, { size, background }: Loaded, layers: Pen[]): void {
	pen.clearRect(0, 0, size.width, size.height);
	if (background) pen.drawImage(background, 0, 0, size.width, size.height);
	else {
		pen.fillStyle = "#fff";
		pen.fillRect(0, 0, size.width, size.height);
	}
	for (const layer of layers) pen.drawImage(layer.canvas, 0, 0);
}

export function png(pen: Pen): Promise<Blob> {
	return new Promise((done, failed) =>
		pen.canvas.toBlob((blob) => (blob ? done(blob) : failed(new Error("The browser could not make a picture of this size."))), "image/png"),
	);
}
