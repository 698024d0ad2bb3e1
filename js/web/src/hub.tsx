/** The entry of the hub's pages. */

import "./style/index.css";
import { render } from "preact";
import { HubPage } from "./pages/hub";
import { keepTokenInTab } from "./services/token";

keepTokenInTab();
render(<HubPage />, document.getElementById("page") as HTMLElement);
