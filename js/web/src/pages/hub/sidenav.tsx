/** Pages that belong together: their list at the side, on a phone above, and the one that is shown. */

import type { IconNode } from "lucide";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Icon } from "../../parts/icon";
import "./sidenav.css";

interface Props {
	label: string;
	pages: readonly { name: string; title: string; icon: IconNode; href: string }[];
	/** The name of the page that is shown. */
	chosen: string;
	children: ComponentChildren;
}

export function SideNav({ label, pages, chosen, children }: Props) {
	const list = useRef<HTMLElement>(null);
	useEffect(() => {
		const link = list.current?.querySelector<HTMLElement>("[aria-current]");
		if (link && list.current) list.current.scrollLeft = link.offsetLeft - (list.current.clientWidth - link.clientWidth) / 2;
	}, [chosen]);
	return (
		<div class="beside">
			<nav ref={list} class="pages" aria-label={label}>
				{pages.map(({ name, title, icon, href }) => (
					<a key={name} href={href} aria-current={name === chosen ? "page" : undefined}>
						<Icon of={icon} />
						{title}
					</a>
				))}
			</nav>
			{children}
		</div>
	);
}
