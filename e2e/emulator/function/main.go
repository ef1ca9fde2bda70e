// Command function is the function behind an alias in the emulator: FAIL of a thousand invocations fail, as its
// version's environment says.
package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"

	"github.com/aws/aws-lambda-go/lambda"
)

func main() {
	lambda.Start(func(context.Context) (string, error) {
		fail, err := strconv.Atoi(os.Getenv("FAIL"))
		if err != nil {
			return "", fmt.Errorf("FAIL: %w", err)
		}
		if rand.IntN(1000) < fail {
			return "", fmt.Errorf("told to fail %d of 1000 invocations", fail)
		}
		return "served", nil
	})
}
