// Package interpreters runs serin's state machine in interpreters that nobody here wrote, and compares what they do
// with what internal/asl does: the npm package aws-local-stepfunctions and the Step Functions of the PyPI package
// moto. Its tests have the build tag interpreters, because they need both, and a node of version 22 or newer:
//
//	make interpreters
//
// A script says what every task of an execution answers. It is played by internal/asl while it is written, so that
// each script comes with the trace that is expected: the states entered, every call with its input and its time, and
// how the execution ended. The interpreters get the script and hand back their own trace.
//
//	script_test.go        scripts and traces, and internal/asl as an interpreter of scripts
//	generate_test.go      the scripts: every word, every error and every end, then random ones
//	definition_test.go    the definition as the interpreters take it, and definitions with a planted bug
//	compare_test.go       what must be the same
//	foreign_test.go       how the interpreters are run
//	interpreters_test.go  the tests
//	awslocal/run.mjs      plays scripts in aws-local-stepfunctions, on a virtual clock; runs asl-validator
//	moto/run.py           plays scripts in moto
//
// What the interpreters cannot do, and what is therefore rewritten for them or left out, stands in docs/proof.md.
package interpreters
