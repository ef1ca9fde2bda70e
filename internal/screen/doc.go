// Package screen shows a release's story in a terminal, and as plain lines where there is none.
//
//	view.go     the live view of one release
//	alarms.go   the alarms, as many as there is room for
//	compare.go  what both versions have done, look by look
//	plan.go     where the release stands in its plan
//	next.go     what happens next, and when
//	actions.go  what a person can do about it, on AWS
//	draw.go     bars, sparklines, wrapping; the palette
//	model.go    the view as a bubbletea program
//	lines.go    the same facts as one line each, as they happen
//	summary.go  what stands under a finished release
//	table.go    what many runs come to
//
// Everything but the model is a function of a story, a time and a width. Colour only repeats what a word or a sign
// says already. Texts from outside pass through story.Plain, so no name can drive the terminal.
package screen
