declare module "plotly.js-basic-dist-min" {
	const Plotly: {
		newPlot(parent: HTMLElement, data: unknown[], layout: object, config: object): Promise<unknown>;
		purge(parent: HTMLElement): void;
	};
	export default Plotly;
}
