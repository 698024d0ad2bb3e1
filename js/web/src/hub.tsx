/** The entry of the hub's pages. */

import "./style/index.css";
import "./parts/card.css";
import { render } from "preact";
import { showTooltips } from "./parts/tooltip";
import { HubPage } from "./pages/hub";
import { followLinks } from "./services/hub/router";
import { keepTokenInTab } from "./services/token";

showTooltips();
keepTokenInTab();
followLinks();
render(<HubPage />, document.getElementById("page") as HTMLElement);
