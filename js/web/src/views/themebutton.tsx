/** Switches between dark and light. */

import { toggleTheme } from "../services/theme";

export function ThemeButton() {
	return (
		<button type="button" class="small" onClick={toggleTheme} aria-label="Dark or light">
			◐
		</button>
	);
}
