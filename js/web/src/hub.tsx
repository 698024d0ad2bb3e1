/** The entry of the hub's pages. */

import "./style/index.css";
import "./parts/card.css";
import { render } from "preact";
import { showTooltips } from "./parts/tooltip";
import { HubPage } from "./pages/hub";
import { followLinks } from "./services/hub/router";
import { keepTokenInTab } from "./services/token";
import { keepFocus } from "./views/focus";
import { markLongWords } from "./views/longwords";

showTooltips();
keepTokenInTab();
followLinks();
keepFocus();
markLongWords();
render(<HubPage />, document.getElementById("page") as HTMLElement);
