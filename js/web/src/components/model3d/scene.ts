/** Shows a model with three.js. The pointer, the wheel and the arrow keys turn it. */

import {
	Box3,
	BufferGeometry,
	DirectionalLight,
	HemisphereLight,
	Mesh,
	MeshStandardMaterial,
	PerspectiveCamera,
	Points,
	PointsMaterial,
	Scene,
	Sphere,
	WebGLRenderer,
	type Object3D,
} from "three";
import { OrbitControls } from "three/addons/controls/OrbitControls.js";
import { GLTFLoader } from "three/addons/loaders/GLTFLoader.js";
import { OBJLoader } from "three/addons/loaders/OBJLoader.js";
import { PLYLoader } from "three/addons/loaders/PLYLoader.js";
import { STLLoader } from "three/addons/loaders/STLLoader.js";

const TURN = 0.1;
const FIELD_DEG = 45;

function solid(geometry: BufferGeometry): Object3D {
	const coloured = geometry.hasAttribute("color");
	if (!geometry.hasAttribute("normal")) geometry.computeVertexNormals();
	return new Mesh(geometry, new MeshStandardMaterial({ color: coloured ? "#fff" : "#9aa7b8", vertexColors: coloured, side: 2 }));
}

function cloud(geometry: BufferGeometry): Object3D {
	geometry.computeBoundingSphere();
	const size = (geometry.boundingSphere?.radius ?? 1) / 200;
	const coloured = geometry.hasAttribute("color");
	return new Points(geometry, new PointsMaterial({ size, color: coloured ? "#fff" : "#9aa7b8", vertexColors: coloured }));
}

const READERS: Record<string, (data: ArrayBuffer) => Promise<Object3D> | Object3D> = {
	glb: async (data) => (await new GLTFLoader().parseAsync(data, "")).scene,
	gltf: async (data) => (await new GLTFLoader().parseAsync(data, "")).scene,
	obj: (data) => new OBJLoader().parse(new TextDecoder().decode(data)),
	ply: (data) => {
		const geometry = new PLYLoader().parse(data);
		return geometry.index ? solid(geometry) : cloud(geometry);
	},
	stl: (data) => solid(new STLLoader().parse(data)),
};

/** Show the model in `canvas`. Returns a function that ends it; rejects when the model cannot be read. */
export async function show(canvas: HTMLCanvasElement, name: string, data: ArrayBuffer): Promise<() => void> {
	const kind = name.split(".").pop()?.toLowerCase() ?? "";
	const read = READERS[kind];
	if (!read) throw new Error(`supported formats: ${Object.keys(READERS).join(", ")}`);
	const model = await read(data);
	const renderer = new WebGLRenderer({ canvas, antialias: true, alpha: true });
	const scene = new Scene();
	const sun = new DirectionalLight("#fff", 2);
	const camera = new PerspectiveCamera(FIELD_DEG);
	camera.add(sun);
	sun.position.set(1, 2, 3);
	scene.add(model, camera, new HemisphereLight("#fff", "#667", 1.5));

	const { center, radius } = new Box3().setFromObject(model).getBoundingSphere(new Sphere());
	const far = radius / Math.sin(((FIELD_DEG / 2) * Math.PI) / 180) || 1;
	camera.position.set(0.5, 0.4, 1).normalize().multiplyScalar(far).add(center);
	[camera.near, camera.far] = [far / 100, far * 10];
	const controls = new OrbitControls(camera, canvas);
	controls.target.copy(center);
	const draw = () => renderer.render(scene, camera);
	const fit = () => {
		const { clientWidth, clientHeight } = canvas;
		if (!clientWidth || !clientHeight) return;
		renderer.setPixelRatio(Math.min(devicePixelRatio, 2));
		renderer.setSize(clientWidth, clientHeight, false);
		camera.aspect = clientWidth / clientHeight;
		camera.updateProjectionMatrix();
		draw();
	};
	const keys = (event: KeyboardEvent) => {
		const turned = { ArrowLeft: -TURN, ArrowRight: TURN }[event.key];
		if (turned === undefined) return;
		event.preventDefault();
		camera.position.sub(center).applyAxisAngle(camera.up, turned).add(center);
		controls.update();
	};
	controls.addEventListener("change", draw);
	canvas.addEventListener("keydown", keys);
	const size = new ResizeObserver(fit);
	size.observe(canvas);
	controls.update();
	fit();
	return () => {
		size.disconnect();
		canvas.removeEventListener("keydown", keys);
		controls.dispose();
		renderer.dispose();
	};
}
