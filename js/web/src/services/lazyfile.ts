/** Files whose content is computed when a call is sent: it would take too long to compute it at each change. */
export class LazyFile extends File {
	constructor(
		name: string,
		readonly load: () => Promise<Blob>,
	) {
		super([], name);
	}
}

/** The same value with the content of each `LazyFile` in it. Rejects with what computing one throws. */
export async function resolveFiles(value: unknown): Promise<unknown> {
	if (value instanceof LazyFile) {
		const blob = await value.load();
		return new File([blob], value.name, { type: blob.type });
	}
	if (value instanceof Blob || typeof value !== "object" || value === null) return value;
	if (Array.isArray(value)) return Promise.all(value.map(resolveFiles));
	const entries = Object.entries(value).map(async ([key, item]) => [key, await resolveFiles(item)]);
	return Object.fromEntries(await Promise.all(entries));
}
