/** Adds fields to an error. */

/** Fields that are not `enumerable` are left out where an error is printed or copied. */
export function define(error: Error, fields: object, enumerable: boolean): void {
	for (const [key, value] of Object.entries(fields)) {
		Object.defineProperty(error, key, { value, enumerable, configurable: true });
	}
}
