package infra

import (
	"fmt"
	"os"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/targetfile"
)

// Target is one workload and how it is released: what stands in a target's file.
type Target = release.Target

// ReadTarget reads and checks a target's file. What is wrong with it ends the synthesis, each mistake with its line.
func ReadTarget(file string) *Target {
	text, err := os.ReadFile(file)
	if err != nil {
		panic(fmt.Sprintf("infra: %v", err))
	}
	target, err := targetfile.Parse(file, text)
	if err != nil {
		panic(fmt.Sprintf("infra: %v", err))
	}
	return &target
}
