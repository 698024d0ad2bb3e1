/** A file that is made only when it is sent: for what takes too long to make at each change. */
export class Made extends File {
	constructor(
		name: string,
		readonly make: () => Promise<Blob>,
	) {
		super([], name);
	}
}

/** The value with such files made. Throws what making one throws. */
export async function made(value: unknown): Promise<unknown> {
	if (value instanceof Made) {
		const blob = await value.make();
		return new File([blob], value.name, { type: blob.type });
	}
	if (value instanceof Blob || typeof value !== "object" || value === null) return value;
	if (Array.isArray(value)) return Promise.all(value.map(made));
	const entries = Object.entries(value).map(async ([key, one]) => [key, await made(one)]);
	return Object.fromEntries(await Promise.all(entries));
}
