// Package internal_test holds the rules of the house: who may import whom, where time comes from, what every package
// has. Each rule says why; each is broken on purpose in TestRulesCatch.
package internal_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/serin-aws/serin/"

// importRule lets a package import only some of the module's own packages, and of the rest of the world what outside
// allows.
type importRule struct {
	pkg     string   // a package, or a folder with a slash at its end
	own     []string // what it may import of this module, by the same form
	outside func(path string) bool
	why     string
}

func standard(path string) bool { return !strings.Contains(strings.Split(path, "/")[0], ".") }

func without(prefixes ...string) func(string) bool {
	return func(path string) bool {
		return !slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(path, p) })
	}
}

const (
	sdk = "github.com/aws/aws-sdk-go-v2"
	cdk = "github.com/aws/aws-cdk-go"
)

var importRules = []importRule{
	{"internal/release", nil, standard, "the domain is pure: every other package speaks it"},
	{"internal/judge", []string{"internal/release"}, func(p string) bool { return standard(p) || strings.HasPrefix(p, "gonum.org/") }, "statistics need no AWS and no clock"},
	{"internal/power", []string{"internal/release", "internal/judge"}, func(p string) bool { return standard(p) || strings.HasPrefix(p, "gonum.org/") }, "what a plan can see is drawn, not asked of AWS"},
	{"internal/minutes", []string{"internal/release", "internal/judge"}, standard, "a history is read for the judge, wherever it comes from"},
	{"internal/asl", nil, standard, "the stepper knows a definition, and nothing of serin"},
	{"internal/conductor", []string{"internal/release", "internal/judge"}, standard, "the verbs decide; how AWS is asked is decided in assembly"},
	{"internal/operate", []string{"internal/release"}, standard, "an order is checked and written down; the conductor obeys it"},
	{"internal/recovery", []string{"internal/release"}, standard, "whether a release has lost its execution is decided without a client of AWS"},
	{"internal/pipeline", []string{"internal/release"}, standard, "how a job is answered is decided without a client of AWS"},
	{"internal/telling", []string{"internal/release"}, standard, "what is told is pure; how it gets there is decided in assembly"},
	{"internal/awserr", []string{"internal/release"}, without(cdk), "one place turns AWS's errors into ours"},
	{"internal/permit", []string{"internal/release"}, standard, "what serin may do is a table, whoever reads it"},
	{"internal/ledger", []string{"internal/release", "internal/awserr"}, without(cdk), "the ledger knows DynamoDB and the domain"},
	{"internal/observe", []string{"internal/release", "internal/judge", "internal/awserr"}, without(cdk), "evidence for the judge, from CloudWatch"},
	{"internal/platform/", []string{"internal/release", "internal/awserr", "internal/ecrimage", "internal/s3object", "internal/live", "internal/platform/ecsservice"}, without(cdk), "a platform knows the domain and its own AWS clients, never another platform; ecsservice is none, but what those over ECS share"},
	{"internal/imagegate", []string{"internal/release", "internal/awserr", "internal/ecrimage"}, without(cdk), "what is in an image is ECR's to say, whichever platform runs it"},
	{"internal/hook", []string{"internal/release", "internal/awserr"}, without(cdk), "a hook is called by its contract; when, and what its word means, the conductor decides"},
	{"internal/adopt", []string{"internal/release", "internal/permit", "internal/ecrimage", "internal/platform/ecsservice"}, without(cdk), "what is written for a worker follows the rules of its platform, and asks AWS nothing itself"},
	{"internal/targetfile", []string{"internal/release", "internal/yamlfile"}, without(sdk, cdk), "a file is read without AWS"},
	{"internal/core", []string{"internal/release"}, func(p string) bool { return standard(p) || p == sdk+"/aws/arn" }, "what the core stack says of itself is read without AWS"},
	{"internal/dora", []string{"internal/release"}, standard, "figures are counted over a history, wherever it comes from"},
	{"internal/entry", []string{"internal/release", "internal/conductor"}, without(sdk, cdk), "Lambda's boundary"},
	{"internal/rehearsal/loop", nil, standard, "a clock"},
	{"internal/rehearsal/door", []string{"internal/rehearsal/loop"}, without(sdk, cdk), "the door knows no service"},
	{"internal/rehearsal/", []string{"internal/rehearsal/loop", "internal/rehearsal/door"}, without(cdk), "a simulated service knows the door and the SDK's types, never another service and never the product"},
	{"internal/synthesis", nil, without(sdk), "how programs that know the CDK begin and end"},
	{"internal/", []string{"internal/", "events", "statemachine/definition"}, without(cdk), "the CDK is slow to build and needs node: only statemachine, infra and the examples know it"},
	{"functions/report", []string{"internal/reporting"}, without(cdk), "a function's main fits on a screen; this one has templates that no other carries"},
	{"functions/", []string{"internal/assembly"}, without(cdk), "a function's main fits on a screen"},
	{"cmd/serin", []string{"internal/", "events", "statemachine/definition"}, without(cdk), "the command line builds fast and needs no node"},
	{"events", []string{"internal/release"}, without(sdk, cdk), "a trigger is decoded without AWS"},
}

// exceptions widen a rule for one package.
var exceptions = map[string][]string{
	// The workload and the rest are wired, and the end is checked, in the rehearsal itself.
	"internal/rehearsal":           {"internal/", "statemachine/definition"},
	"internal/rehearsal/invariant": {"internal/release"},
	// A world is a platform's workload, put together from simulated services and handed to assembly.
	"internal/rehearsal/world":             {"internal/rehearsal/", "internal/release", "internal/scenario", "internal/assembly"},
	"internal/rehearsal/world/ecsalb":      {"internal/rehearsal/", "internal/release", "internal/scenario", "internal/assembly"},
	"internal/rehearsal/world/ecsqueue":    {"internal/rehearsal/", "internal/release", "internal/scenario", "internal/assembly"},
	"internal/rehearsal/world/ecsservice":  {"internal/rehearsal/", "internal/release", "internal/scenario", "internal/platform/ecsservice"},
	"internal/rehearsal/world/lambdaalias": {"internal/rehearsal/", "internal/release", "internal/scenario", "internal/assembly", "internal/platform/ecsservice"},
	"internal/rehearsal/world/mirror":      {"internal/rehearsal/", "internal/release", "internal/assembly", "internal/platform/ecsservice"},
}

func ruleFor(pkg string) (importRule, bool) {
	if own, ok := exceptions[pkg]; ok {
		return importRule{pkg: pkg, own: own, outside: without(cdk), why: "an exception, see exceptions"}, true
	}
	for _, rule := range importRules {
		if within(pkg, rule.pkg) {
			return rule, true
		}
	}
	return importRule{}, false
}

func within(pkg, form string) bool {
	if strings.HasSuffix(form, "/") {
		return strings.HasPrefix(pkg+"/", form)
	}
	return pkg == form
}

// brokenImports returns what a package imports against the rules.
func brokenImports(pkg string, imports []string) []string {
	rule, ok := ruleFor(pkg)
	if !ok {
		return nil
	}
	var broken []string
	for _, path := range imports {
		own, ours := strings.CutPrefix(path, module)
		allowed := ours && slices.ContainsFunc(rule.own, func(form string) bool { return within(own, form) }) || !ours && rule.outside(path)
		if !allowed {
			broken = append(broken, pkg+" imports "+path+", but "+rule.why)
		}
	}
	return broken
}

// timeless are the folders of product code: it is given its time and starts nothing in the background.
var timeless = []string{
	"internal/release", "internal/judge", "internal/power", "internal/conductor", "internal/observe", "internal/ledger", "internal/platform/",
	"internal/asl", "internal/awserr", "internal/entry", "internal/targetfile", "internal/assembly", "internal/story", "internal/core", "internal/remote", "internal/dora", "internal/adopt", "internal/imagegate", "internal/hook",
	"internal/operate", "internal/recovery",
	"internal/rehearsal/", "events",
}

// clocks are the functions that may read the real clock.
var clocks = []string{"internal/assembly.wallClock", "internal/rehearsal.stopwatch"}

// starters may start goroutines: many simulated accounts run side by side, each by itself in one goroutine.
var starters = []string{"internal/rehearsal.Many"}

// brokenTime returns where a file reads the clock, sleeps or starts a goroutine.
func brokenTime(pkg string, file *ast.File) []string {
	if !slices.ContainsFunc(timeless, func(form string) bool { return within(pkg, form) }) {
		return nil
	}
	var broken []string
	for _, decl := range file.Decls {
		name := pkg
		if f, ok := decl.(*ast.FuncDecl); ok {
			name = pkg + "." + f.Name.Name
		}
		ast.Inspect(decl, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt:
				if !slices.Contains(starters, name) {
					broken = append(broken, name+" starts a goroutine")
				}
			case *ast.SelectorExpr:
				x, ok := n.X.(*ast.Ident)
				if ok && x.Name == "time" && slices.Contains([]string{"Now", "Sleep", "After", "Since", "Until", "NewTimer", "NewTicker", "AfterFunc"}, n.Sel.Name) && !slices.Contains(clocks, name) {
					broken = append(broken, name+" uses time."+n.Sel.Name)
				}
			}
			return true
		})
	}
	return broken
}

// brokenNames returns packages whose names say nothing.
func brokenNames(pkg string) []string {
	if slices.Contains([]string{"util", "utils", "common", "models", "helpers", "misc", "base"}, filepath.Base(pkg)) {
		return []string{pkg + ": the name says nothing about what is in it"}
	}
	return nil
}

func TestRules(t *testing.T) {
	documented := map[string]bool{}
	for path, file := range sources(t) {
		pkg := filepath.ToSlash(filepath.Dir(path))
		documented[pkg] = documented[pkg] || file.Doc != nil
		var imports []string
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			imports = append(imports, imported)
		}
		for _, broken := range slices.Concat(brokenImports(pkg, imports), brokenTime(pkg, file), brokenNames(pkg)) {
			t.Errorf("%s: %s", path, broken)
		}
	}
	for pkg, ok := range documented {
		if !ok {
			t.Errorf("%s has no package comment: say what it is for and where to look", pkg)
		}
	}
	if len(documented) < 20 {
		t.Errorf("only %d packages were read: the rules look in the wrong place", len(documented))
	}
}

// TestTheTreeNamesEveryPackage keeps ARCHITECTURE.md whole: a package that its tree does not name is found by nobody.
func TestTheTreeNamesEveryPackage(t *testing.T) {
	text, err := os.ReadFile("../ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	for path := range sources(t) {
		folders := strings.Split(path, "/")
		if len(folders) > 2 && folders[0] == "internal" && !regexp.MustCompile(`(?m)^  `+regexp.QuoteMeta(folders[1])+`[ /]`).Match(text) {
			t.Errorf("%s: the tree in ARCHITECTURE.md does not name internal/%s", path, folders[1])
		}
	}
}

// TestMapsAreWhole holds the map of a package, where its comment has one, to the files that are there: each is named, and
// none that is gone.
func TestMapsAreWhole(t *testing.T) {
	maps, files := map[string]string{}, map[string][]string{}
	for path, file := range sources(t) {
		pkg := filepath.Dir(path)
		files[pkg] = append(files[pkg], filepath.Base(path))
		if text := file.Doc.Text(); mapped.MatchString(text) {
			maps[pkg] = text
		}
	}
	for pkg, text := range maps {
		for _, broken := range brokenMap(text, files[pkg]) {
			t.Errorf("%s: %s", pkg, broken)
		}
	}
	if len(maps) < 20 {
		t.Errorf("only %d maps were read: the rule looks in the wrong place", len(maps))
	}
}

var (
	mapped = regexp.MustCompile(`(?m)^\t\w+\.go\b`)
	named  = regexp.MustCompile(`(^|[^\w/*])(\w+\.go)\b`)
)

// brokenMap says what is wrong with a map of a package's files. Tests may stand in it, and need not.
func brokenMap(text string, files []string) []string {
	var broken, known []string
	for _, match := range named.FindAllStringSubmatch(text, -1) {
		known = append(known, match[2])
		if !strings.HasSuffix(match[2], "_test.go") && !slices.Contains(files, match[2]) {
			broken = append(broken, "its map names "+match[2]+", which is not there")
		}
	}
	for _, file := range files {
		if file != "doc.go" && file != "main.go" && !slices.Contains(known, file) {
			broken = append(broken, "its map does not name "+file)
		}
	}
	return broken
}

// TestRulesCatch breaks every kind of rule on purpose.
func TestRulesCatch(t *testing.T) {
	for _, c := range []struct{ pkg, imports string }{
		{"internal/release", sdk + "/aws"},
		{"internal/judge", "github.com/aws/aws-sdk-go-v2/service/cloudwatch"},
		{"internal/conductor", module + "internal/platform/ecsqueue"},
		{"internal/platform/ecsqueue", module + "internal/platform/lambdaalias"},
		{"internal/platform/ecsqueue", module + "internal/ledger"},
		{"internal/platform/ecsservice", module + "internal/platform/ecsqueue"},
		{"internal/rehearsal/ecs", module + "internal/rehearsal/sqs"},
		{"internal/rehearsal/ecs", module + "internal/release"},
		{"internal/story", cdk + "/awscdk/v2"},
		{"functions/promote", module + "internal/ledger"},
	} {
		if len(brokenImports(c.pkg, []string{c.imports})) != 1 {
			t.Errorf("%s may import %s", c.pkg, c.imports)
		}
	}
	const bad = "package p\nimport \"time\"\nfunc f() { time.Sleep(1); go f(); _ = time.Now() }"
	file, err := parser.ParseFile(token.NewFileSet(), "bad.go", bad, 0)
	if err != nil {
		t.Fatal(err)
	}
	if got := brokenTime("internal/ledger", file); len(got) != 3 {
		t.Errorf("caught %v of three", got)
	}
	if got := brokenMap("\tone.go  this\n\ttwo.go  that; a_test.go  and other/three.go elsewhere", []string{"doc.go", "one.go", "four.go"}); len(got) != 2 {
		t.Errorf("caught %v of two", got)
	}
	if len(brokenNames("internal/util")) != 1 {
		t.Error("a package may be called util")
	}
}

// sources parses every Go file of the module that is not a test.
func sources(t *testing.T) map[string]*ast.File {
	t.Helper()
	files := map[string]*ast.File{}
	root := os.DirFS("..")
	err := fs.WalkDir(root, ".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != "." && (strings.HasPrefix(entry.Name(), ".") || slices.Contains([]string{"build", "cdk.out", "node_modules", "testdata"}, entry.Name())):
			return fs.SkipDir
		case entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", path), nil, parser.ParseComments)
		files[path] = file
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
