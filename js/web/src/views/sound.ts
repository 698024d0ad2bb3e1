/** The form of a sound, and a part of it. Nothing is shown in here. */

import { fetchUpTo } from "../services/files";

/** Larger files are played and not drawn: decoded, a sound takes up to twenty times its size. */
export const SOUND_MAX = 10_000_000;
/** Enough for a picture. */
const DRAWN_RATE = 8000;
const TRIMMED_RATE = 44_100;
const WAV_HEAD = 44;

/** Reads a sound from its address; undefined where it is too large or no sound that the browser can decode. */
async function decode(address: string, rate: number): Promise<AudioBuffer | undefined> {
	try {
		const bytes = await fetchUpTo(address, SOUND_MAX);
		return bytes && (await new OfflineAudioContext(1, 1, rate).decodeAudioData(bytes));
	} catch {
		return undefined;
	}
}

export interface SoundForm {
	/** From 0 to 1: the loudest of each piece, relative to the loudest of all. */
	peaks: number[];
	duration_s: number;
}

export async function readForm(address: string, count: number): Promise<SoundForm | undefined> {
	const sound = await decode(address, DRAWN_RATE);
	if (!sound) return undefined;
	const samples = sound.getChannelData(0);
	const peaks = Array.from({ length: count }, (_, index) => {
		const end = Math.floor(((index + 1) * samples.length) / count);
		let peak = 0;
		for (let at = Math.floor((index * samples.length) / count); at < end; at++) peak = Math.max(peak, Math.abs(samples[at] as number));
		return peak;
	});
	const loudest = Math.max(...peaks) || 1;
	return { peaks: peaks.map((peak) => peak / loudest), duration_s: sound.duration };
}

/** The part between two times as a WAV file; undefined where the sound cannot be decoded. */
export async function trim(address: string, from_s: number, to_s: number): Promise<Blob | undefined> {
	const sound = await decode(address, TRIMMED_RATE);
	if (!sound) return undefined;
	const [first, end] = [Math.floor(from_s * sound.sampleRate), Math.ceil(to_s * sound.sampleRate)];
	const channels = Array.from({ length: sound.numberOfChannels }, (_, channel) => sound.getChannelData(channel).subarray(first, end));
	return toWav(channels, sound.sampleRate);
}

/** 16-bit PCM. */
function toWav(channels: Float32Array[], rate: number): Blob {
	const count = channels.length;
	const frames = channels[0]?.length ?? 0;
	const size = frames * count * 2;
	const view = new DataView(new ArrayBuffer(WAV_HEAD + size));
	const text = (at: number, letters: string) => [...letters].forEach((letter, index) => view.setUint8(at + index, letter.charCodeAt(0)));
	text(0, "RIFF");
	view.setUint32(4, WAV_HEAD - 8 + size, true);
	text(8, "WAVEfmt ");
	view.setUint32(16, 16, true);
	view.setUint16(20, 1, true);
	view.setUint16(22, count, true);
	view.setUint32(24, rate, true);
	view.setUint32(28, rate * count * 2, true);
	view.setUint16(32, count * 2, true);
	view.setUint16(34, 16, true);
	text(36, "data");
	view.setUint32(40, size, true);
	for (let frame = 0; frame < frames; frame++) {
		for (let channel = 0; channel < count; channel++) {
			const sample = Math.max(-1, Math.min(1, channels[channel]?.[frame] ?? 0));
			view.setInt16(WAV_HEAD + (frame * count + channel) * 2, Math.round(sample * 32767), true);
		}
	}
	return new Blob([view], { type: "audio/wav" });
}
