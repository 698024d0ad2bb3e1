/** Takes a file from the camera or the microphone, where the browser allows it. */

import { Camera, Circle, Mic, Square } from "lucide";
import { useEffect, useRef, useState } from "preact/hooks";
import { Button } from "../parts/button";
import { Level } from "./level";
import "./capture.css";

type What = "audio" | "image" | "video";
const NAMES = { audio: "microphone", image: "camera", video: "camera" };

export function Capture({ what, take }: { what: What; take: (file: File) => void }) {
	const [stream, setStream] = useState<MediaStream>();
	const [problem, setProblem] = useState("");
	const [recorder, setRecorder] = useState<MediaRecorder>();
	const video = useRef<HTMLVideoElement>(null);
	const stop = () => {
		for (const track of stream?.getTracks() ?? []) track.stop();
		setStream(undefined);
		setRecorder(undefined);
	};
	useEffect(() => {
		if (video.current && stream) video.current.srcObject = stream;
		return () => {
			for (const track of stream?.getTracks() ?? []) track.stop();
		};
	}, [stream]);
	if (!navigator.mediaDevices?.getUserMedia) return null;

	const start = async () => {
		try {
			const found = await navigator.mediaDevices.getUserMedia({ audio: what !== "image", video: what !== "audio" });
			setProblem("");
			setStream(found);
			if (what === "audio") record(found);
		} catch (error) {
			setProblem(`The ${NAMES[what]} cannot be used: ${(error as Error).message}`);
		}
	};
	const record = (from: MediaStream) => {
		const own = new MediaRecorder(from);
		const parts: Blob[] = [];
		own.ondataavailable = (event) => parts.push(event.data);
		own.onstop = () => {
			const kind = own.mimeType.split(";")[0] ?? "";
			take(new File(parts, `recording.${kind.split("/")[1] ?? "webm"}`, { type: kind }));
		};
		own.start();
		setRecorder(own);
	};
	const snap = () => {
		const from = video.current;
		if (!from) return;
		const canvas = document.createElement("canvas");
		[canvas.width, canvas.height] = [from.videoWidth, from.videoHeight];
		canvas.getContext("2d")?.drawImage(from, 0, 0);
		canvas.toBlob((blob) => blob && take(new File([blob], "photo.png", { type: "image/png" })));
		stop();
	};
	return (
		<div class="capture">
			{stream && what !== "audio" && <video ref={video} autoplay muted playsInline aria-label="Camera preview" />}
			{!stream && (
				<Button small icon={what === "audio" ? Mic : Camera} onClick={() => void start()}>
					{what === "audio" ? "Record" : `Use the ${NAMES[what]}`}
				</Button>
			)}
			{stream && what === "image" && (
				<Button small icon={Camera} onClick={snap}>
					Take a picture
				</Button>
			)}
			{stream && what === "video" && !recorder && (
				<Button small icon={Circle} onClick={() => record(stream)}>
					Record
				</Button>
			)}
			{recorder && (
				<div class="row">
					<Button
						small
						icon={Square}
						class="recording"
						onClick={() => {
							recorder.stop();
							stop();
						}}
					>
						Stop
					</Button>
					{stream && <Level stream={stream} />}
				</div>
			)}
			{problem && <p class="wrong">{problem}</p>}
		</div>
	);
}
