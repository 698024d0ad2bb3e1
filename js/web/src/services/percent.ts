/** Text that was encoded for an address; as it stands where it was not: anybody may type one. */
export function decodePercent(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}
