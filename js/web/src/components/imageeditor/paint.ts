/** Strokes and layers as pixels. */

import type { Drawing, Stroke } from "./drawing";

export interface Size {
	width: number;
	height: number;
}

/** The pictures of a drawing, loaded. */
export interface Loaded {
	size: Size;
	/** Whether that is the picture's own: it was not too large to draw on. */
	whole: boolean;
	background?: CanvasImageSource;
	/** By layer. */
	own: (CanvasImageSource | undefined)[];
}

export type Pen = CanvasRenderingContext2D;

export function sheet({ width, height }: Size): Pen {
	const canvas = document.createElement("canvas");
	[canvas.width, canvas.height] = [width, height];
	return canvas.getContext("2d") as Pen;
}

/** A line through the middles between its points, which is smooth. */
export function stroke(pen: Pen, one: Stroke): void {
	const [first, ...rest] = one.points;
	if (!first) return;
	pen.save();
	pen.globalCompositeOperation = one.erase ? "destination-out" : "source-over";
	pen.strokeStyle = one.colour;
	pen.lineWidth = one.width;
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

/** Each layer as a sheet of its own, transparent where nothing was drawn. */
export function painted(drawing: Drawing, { size, own }: Loaded): Pen[] {
	return drawing.layers.map((_, place) => {
		const pen = sheet(size);
		const picture = own[place];
		if (picture) pen.drawImage(picture, 0, 0, size.width, size.height);
		for (const one of drawing.strokes) if (one.layer === place) stroke(pen, one);
		return pen;
	});
}

/** All together; on white where there is no picture below. */
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
