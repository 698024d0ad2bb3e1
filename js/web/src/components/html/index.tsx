/** The author's HTML, sanitized: scripts in it do not run. */

import type { Kind, OutputProps } from "../kind";
import { Rich } from "../../views/rich";

function Output({ value }: OutputProps) {
	return <Rich html={String(value ?? "")} />;
}

export default { types: ["html"], output: Output, initial: () => "" } satisfies Kind;
