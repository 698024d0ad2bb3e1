/** The language of all code on the page, and what has to be installed for it. It stays in view. */

import { CopyButton } from "../../parts/button";
import { Segmented } from "../../parts/segmented";
import { Select } from "../../parts/select";
import { INSTALL, LANGUAGES, type Language } from "../../services/snippets";
import { persistentSignal } from "../../services/storage";

const stored = persistentSignal("spaceport-language", "python");

/** The chosen language; the first where the browser keeps the name of one that is no longer there. */
export function chosenLanguage(): Language {
	return LANGUAGES.find(([name]) => name === stored.value)?.[0] ?? "python";
}

function choose(language: Language): void {
	stored.value = language;
}

export function LanguageBar() {
	const language = chosenLanguage();
	const install = INSTALL[language];
	return (
		<div class="language-bar">
			<Segmented label="Language" options={LANGUAGES} value={language} change={choose} />
			<Select label="Language" options={LANGUAGES} value={language} change={choose} />
			{install && (
				<p class="install">
					<code>{install}</code>
					<CopyButton compact text={install} label="Copy install command" />
				</p>
			)}
		</div>
	);
}
