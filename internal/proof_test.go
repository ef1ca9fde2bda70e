package internal_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// ofItself are the tests of the simulated ECS and CloudWatch that hold the simulation to its own promises, not to AWS's
// documentation.
var ofItself = []string{
	"TestCopiesShareNothing", "TestAnswersAreCopies", "TestLazinessDoesNotShow", "TestALongRangeAroundFewPoints", "TestOneSeedOneStory",
	"TestSnapshot", "TestFirstRunning", "TestServingNamesTheAppContainer", "TestDefinitionsListsAll", "TestOnChangeComesBefore",
	"TestHandleKnowsEveryOperation", "TestHandleKnowsItsOperations", "TestAlarmsBeginWhenInstalled", "TestUsualDelayIsFiveToNinetySeconds",
	"TestAnswersGoWrongAsTold",
}

// docs/proof.md names the test of every behaviour: each exists, and each test of the simulated ECS and CloudWatch
// stands there with its source.
func TestProofNamesItsTests(t *testing.T) {
	text, err := os.ReadFile("../docs/proof.md")
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`\bTest[A-Z]\w*`).FindAllString(string(text), -1)
	all := testsBelow(t, "..")
	for _, name := range named {
		if !all[name] {
			t.Errorf("docs/proof.md names %s, which does not exist", name)
		}
	}
	for _, folder := range []string{"rehearsal/ecs", "rehearsal/cloudwatch"} {
		for _, name := range slices.Sorted(maps.Keys(testsBelow(t, folder))) {
			if slices.Contains(named, name) == slices.Contains(ofItself, name) {
				t.Errorf("%s of %s must stand either in the table of docs/proof.md, with its source, or in ofItself", name, folder)
			}
		}
	}
}

// testsBelow returns the names of all tests in a folder and below, whatever their build tags.
func testsBelow(t *testing.T, folder string) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != folder && path != ".." && (strings.HasPrefix(entry.Name(), ".") || slices.Contains([]string{"build", "cdk.out", "node_modules"}, entry.Name())):
			return filepath.SkipDir
		case !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, declared := range file.Decls {
			if f, ok := declared.(*ast.FuncDecl); ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Test") {
				found[f.Name.Name] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
