/** What a page asks the hub for: until it is there, and where it does not come. */

import { useEffect, useRef, useState } from "preact/hooks";
import { Banner } from "../parts/banner";
import { token } from "../services/token";

/** What `load` gives, anew when `key` changes; undefined while it loads. The function loads it again, and shows the old one meanwhile. */
export function useLoaded<T>(load: () => Promise<T>, key: string): [found: T | undefined, problem: string, reload: () => void] {
	const [found, setFound] = useState<T>();
	const [problem, setProblem] = useState("");
	const asked = useRef(0);
	const ask = () => {
		const number = ++asked.current;
		load().then(
			(result) => {
				if (number !== asked.current) return;
				setFound(() => result);
				setProblem("");
			},
			(error: Error) => number === asked.current && setProblem(error.message),
		);
	};
	useEffect(() => {
		setFound(undefined);
		setProblem("");
		ask();
		return () => {
			asked.current++;
		};
	}, [key, token.value]);
	return [found, problem, ask];
}

export function Problem({ title, text }: { title: string; text: string }) {
	return (
		<Banner tone="bad" role="alert" title={title}>
			{text}
		</Banner>
	);
}
