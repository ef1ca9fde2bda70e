// Command serin checks the user's files, rehearses releases, and starts and follows them on AWS.
//
//	root.go      the commands, exit codes, how an error is shown
//	validate.go  serin validate
//	rehearse.go  serin rehearse: one release or many, and what came of them
//	watch.go     one release as it goes: the live view, or a line for every event
//	report.go    where its report goes
//	judge.go     serin judge: a history, replayed; judged.go, judgetext.go and judgepage.go tell it
//	broken.go    runs that broke an invariant, and how to see them again
//	schema.go    serin schema
//	aws.go       what commands on AWS have in common: their flags, the account
//	apply.go     serin apply
package main

import (
	"io"
	"os"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is the whole program but for the process around it.
func run(args []string, in io.Reader, out, errOut io.Writer) int {
	return execute(root(theWorld()), args, in, out, errOut)
}
