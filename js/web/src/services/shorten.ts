/** Long texts are shown in part: drawing all of one would hold the page. */

const TEXT_MAX = 20_000;

export function shorten(text: string, max = TEXT_MAX): string {
	return text.length > max ? `${text.slice(0, max)}… ${(text.length - max).toLocaleString("en")} more characters` : text;
}
