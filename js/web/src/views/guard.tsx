/** Keeps the page whole where a component cannot show its value. */

import type { ComponentChildren } from "preact";
import { useEffect, useErrorBoundary } from "preact/hooks";
import { Banner } from "../parts/banner";
import { Button } from "../parts/button";
import { shorten } from "../services/shorten";

const TEXT_MAX = 5000;

function textOf(value: unknown): string {
	try {
		return shorten(JSON.stringify(value) ?? "", TEXT_MAX);
	} catch {
		return "";
	}
}

/**
 * A value that a component cannot show, from an address, an earlier version of the app or an app that breaks its own
 * schema, is shown as JSON: the rest of the page works on. `clear` takes it away.
 */
export function Guard({ value, clear, children }: { value: unknown; clear?: () => void; children: ComponentChildren }) {
	const [error, retry] = useErrorBoundary();
	useEffect(() => {
		if (error) retry();
	}, [value]);
	if (!error) return <>{children}</>;
	const remove = () => {
		clear?.();
		retry();
	};
	return (
		<Banner tone="bad" role="alert" title="This value cannot be shown here" actions={clear && <Button onClick={remove}>Remove it</Button>}>
			<p>{textOf(value)}</p>
		</Banner>
	);
}
