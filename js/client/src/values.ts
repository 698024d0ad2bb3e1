/** Converts the arguments of a call to JSON values and the files to upload for them. No I/O in here. */

import { ValidationError } from "./errors.js";
import { LocalFile, type Upload } from "./files.js";
import type { Parameter } from "./wire.js";

/**
 * Files and, where the parameter takes files, bytes become uploads, which are added to `uploads`. Bytes for any other
 * parameter become a list, as do other typed arrays and sets; maps become objects; whole numbers of any size a number or
 * text; what has a `toJSON`, as dates and URLs have, becomes that. Throws `ValidationError` that names the parameter.
 */
export function plain(value: unknown, parameter: Parameter | undefined, uploads: Upload[]): unknown {
	const type = parameter?.type?.type;
	const each = (one: unknown) => plain(one, parameter, uploads);
	const upload = (file: Blob | LocalFile) => {
		const one: Upload = { file, toJSON: () => one.sent };
		uploads.push(one);
		return one;
	};
	if (typeof value === "bigint") {
		if (type === "string") return String(value);
		if (Number.isSafeInteger(Number(value))) return Number(value);
	} else if (value instanceof Date) {
		if (Number.isFinite(+value)) return type === "number" ? +value / 1000 : value.toJSON();
	} else if (typeof value !== "function" && typeof value !== "symbol") {
		if (value === null || typeof value !== "object") return value;
		if (value instanceof Blob || value instanceof LocalFile) return upload(value);
		if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) {
			const view = value as Uint8Array<ArrayBuffer>;
			const list = "length" in value ? view : new Uint8Array(view.buffer ?? view, view.byteOffset, view.byteLength);
			const takesFiles = !parameter || /filepath|"meta"/.test(JSON.stringify(parameter));
			return takesFiles && list instanceof Uint8Array ? upload(new Blob([list])) : Array.from(list, each);
		}
		if (value instanceof Set || Array.isArray(value)) {
			const list = Array.from(value, each);
			return parameter?.component === "Gallery" ? list.map(captioned) : list;
		}
		const { toJSON } = value as { toJSON?: unknown };
		if (typeof toJSON === "function") return toJSON.call(value);
		const pairs = value instanceof Map ? [...value] : Object.entries(value);
		const isObject = pairs.length || /Object]|Map]/.test({}.toString.call(value));
		if (isObject) return Object.fromEntries(pairs.map(([key, one]) => [key, each(one)]));
	}
	const { parameter_name: name = "", python_type: wanted } = parameter ?? {};
	throw new ValidationError(`The argument ${name} takes ${wanted?.type ?? "JSON"}: ${String(value)} is none.`);
}

/** A file in the list that is a Gallery's value, as the item that it takes. */
function captioned(item: any): unknown {
	const file = item?.file ?? item;
	if (!(file instanceof Blob) && !file?.path && !file?.url) return item;
	const video = /^video|\.(mp4|webm|mov|mkv)$/i.test(file.type || file.path);
	return { [video ? "video" : "image"]: item };
}
