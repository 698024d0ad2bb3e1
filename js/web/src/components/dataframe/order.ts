/** The order of a column's values: texts as people sort them in their language, 100,000 of them at once. */

const collator = new Intl.Collator(undefined, { numeric: true });
const ZERO = 48;
/** ASCII without numbers of more digits than `weightsOf` has room for. */
const SIMPLE = /^(?!.*\d{16})[ -~]*$/;
const DIGITS_MAX = 15;
const SIGNS = Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at));
const UNITS = 14;

/** The numbers of the rows in order; rows whose values are equal stay as they are, in both directions. */
export function orderOf(values: unknown[], direction: 1 | -1): Uint32Array {
	const numbers = numbersOf(values, direction);
	if (numbers) return radixSort(wordsOf(numbers), 4, direction);
	const texts = values.map((value) => String(value ?? ""));
	const weights = texts.every((text) => SIMPLE.test(text)) ? knownWeights() : undefined;
	return weights ? bySigns(texts, weights, direction) : byRank(texts, direction);
}

/** undefined where there are other values than numbers. Empty cells stand at the end. */
function numbersOf(values: unknown[], direction: 1 | -1): Float64Array | undefined {
	const found = new Float64Array(values.length);
	for (let at = 0; at < values.length; at++) {
		const value = values[at] ?? direction * Number.POSITIVE_INFINITY;
		if (typeof value !== "number") return undefined;
		found[at] = value + 0; // -0 is 0
	}
	return found;
}

/** Numbers as words that have their order, the least significant word first: the signs' bits are turned round. */
function wordsOf(numbers: Float64Array): Uint16Array {
	const words = new Uint16Array(numbers.buffer);
	for (let at = 3; at < words.length; at += 4) {
		const negative = (words[at] as number) & 0x8000;
		words[at] = negative ? ~(words[at] as number) : (words[at] as number) | 0x8000;
		if (negative) for (let low = at - 3; low < at; low++) words[low] = ~(words[low] as number);
	}
	return words;
}

/** The order of keys of `width` words each, the least significant word first. Stable, and without comparing any two. */
function radixSort(words: Uint16Array, width: number, direction: 1 | -1): Uint32Array {
	const count = words.length / width;
	const flip = direction === 1 ? 0 : 0xffff;
	let order = Uint32Array.from({ length: count }, (_, at) => at);
	let next = new Uint32Array(count);
	for (let word = 0; word < width; word++) {
		const starts = new Uint32Array(0x10001);
		for (let at = word; at < words.length; at += width) starts[((words[at] as number) ^ flip) + 1]!++;
		if (starts.includes(count)) continue; // the word is the same in all keys
		for (let at = 1; at < starts.length; at++) starts[at]! += starts[at - 1]!;
		for (let at = 0; at < count; at++) {
			const key = order[at] as number;
			next[starts[(words[key * width + word] as number) ^ flip]!++] = key;
		}
		[order, next] = [next, order];
	}
	return order;
}

/** The collator would take a second for 100,000 texts: most differ in their first signs, and it is asked about the others. */
function bySigns(texts: string[], weights: Uint8Array, direction: 1 | -1): Uint32Array {
	const start = commonStart(texts);
	const width = UNITS / 2;
	const words = new Uint16Array(texts.length * width);
	const units = new Uint8Array(UNITS);
	for (let at = 0; at < texts.length; at++) {
		readUnits(texts[at] as string, start, weights, units);
		for (let one = 0; one < width; one++) words[(at + 1) * width - 1 - one] = (units[2 * one]! << 8) | units[2 * one + 1]!;
	}
	const order = radixSort(words, width, direction);
	const isSame = (a: number, b: number) => {
		for (let one = 0; one < width; one++) if (words[a * width + one] !== words[b * width + one]) return false;
		return true;
	};
	const text = (at: number) => texts[at] as string;
	for (let first = 0; first < order.length; ) {
		let end = first + 1;
		while (end < order.length && isSame(order[first] as number, order[end] as number)) end++;
		const same = order.subarray(first, end);
		if (same.some((at) => text(at) !== text(same[0] as number))) same.sort((a, b) => (text(a) === text(b) ? 0 : collator.compare(text(a), text(b)) * direction));
		first = end;
	}
	return order;
}

/** Asks the collator about those that differ. */
function byRank(texts: string[], direction: 1 | -1): Uint32Array {
	const different = [...new Set(texts)].sort(collator.compare);
	const ranks = new Map(different.map((text, rank) => [text, rank]));
	const keys = Uint32Array.from(texts, (text) => ranks.get(text) as number);
	return radixSort(new Uint16Array(keys.buffer), 2, direction);
}

let known: Uint8Array | "none" | undefined;

/** The weights, found once. */
function knownWeights(): Uint8Array | undefined {
	known ??= weightsOf() ?? "none";
	return known === "none" ? undefined : known;
}

/**
 * The place of each ASCII sign in the alphabet by its code; small and capital letters have one. That of `0` is followed by
 * one for each length of a number. undefined where the visitor's language sorts two letters as one ("ch" in Czech).
 */
function weightsOf(): Uint8Array | undefined {
	const base = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
	const sorted = SIGNS.toSorted(collator.compare);
	const weights = new Uint8Array(128);
	let weight = 1;
	sorted.forEach((sign, place) => {
		if (place && base.compare(sorted[place - 1] as string, sign)) weight += sorted[place - 1] === "9" ? DIGITS_MAX : 1;
		weights[sign.charCodeAt(0)] = weight;
	});
	const letters = sorted.filter((sign) => /[a-z]/.test(sign));
	const pairs = letters.flatMap((one) => letters.map((other) => one + other));
	return pairs.toSorted(collator.compare).every((pair, at) => pair === pairs[at]) ? weights : undefined;
}

/** How many signs all texts begin with; a number is not cut. */
function commonStart(texts: string[]): number {
	const first = texts[0] ?? "";
	let count = first.length;
	for (const text of texts) {
		let same = 0;
		while (same < count && text.charCodeAt(same) === first.charCodeAt(same)) same++;
		count = same;
	}
	while (isDigit(first.charCodeAt(count - 1))) count--;
	return count;
}

const isDigit = (code: number) => code >= ZERO && code < ZERO + 10;

/** The weights of the first signs, then zeros; a number is its length and its digits. */
function readUnits(text: string, start: number, weights: Uint8Array, units: Uint8Array): void {
	let count = 0;
	for (let place = start; place < text.length && count < UNITS; place++) {
		const code = text.charCodeAt(place);
		if (!isDigit(code)) {
			units[count++] = weights[code] as number;
			continue;
		}
		while (text.charCodeAt(place) === ZERO && isDigit(text.charCodeAt(place + 1))) place++;
		let end = place + 1;
		while (isDigit(text.charCodeAt(end))) end++;
		units[count++] = (weights[ZERO] as number) + end - place - 1;
		for (; place < end && count < UNITS; place++) units[count++] = text.charCodeAt(place) - ZERO + 1;
		place = end - 1;
	}
	units.fill(0, count);
}
