package cloudwatch

import (
	"fmt"
	"math"
	"regexp"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"
)

// moment is one period as an expression sees it.
type moment struct {
	sources  []source
	series   []*Series // by source; nil where nobody published any
	from, to int64     // minutes since 1970
	seen     int64     // what showed by then counts, nanoseconds since 1970
}

// value returns the statistic of the source with this index; false where it has no data point.
func (m *moment) value(source int) (float64, bool) {
	return m.sources[source].stat.of(m.series[source], m.from, m.to, m.seen)
}

// term is a compiled expression: its value at a moment, false where there is none.
type term struct {
	value  func(*moment) (float64, bool)
	series bool   // it depends on time
	only   int    // 1 more than the source whose value it is, unchanged; 0: it is computed
	array  []term // of an array, its elements
}

// scope answers what an id of the expression stands for.
type scope func(id string) (term, error)

// Metric math writes AND and OR where the parser wants && and ||.
var (
	andWord = regexp.MustCompile(`\bAND\b`)
	orWord  = regexp.MustCompile(`\bOR\b`)
)

// compile reads a metric math expression: numbers, ids, + - * / ^, comparisons, AND and OR, and the functions below.
// It must yield a time series. Everything else is refused by name.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
func compile(text string, ids scope) (term, error) {
	tree, err := parser.Parse(orWord.ReplaceAllString(andWord.ReplaceAllString(text, "&&"), "||"))
	if err != nil {
		return term{}, fmt.Errorf("expression %q cannot be read", text)
	}
	t, err := compileNode(tree.Node, ids)
	switch {
	case err != nil:
		return term{}, fmt.Errorf("expression %q: %w", text, err)
	case t.array != nil:
		return term{}, fmt.Errorf("expression %q is an array of time series; exactly one is wanted", text)
	case !t.series:
		return term{}, fmt.Errorf("expression %q is a scalar; a time series is wanted", text)
	}
	return t, nil
}

func compileNode(node ast.Node, ids scope) (term, error) {
	switch n := node.(type) {
	case *ast.IntegerNode:
		return constant(float64(n.Value)), nil
	case *ast.FloatNode:
		return constant(n.Value), nil
	case *ast.IdentifierNode:
		return ids(n.Value)
	case *ast.UnaryNode:
		return compileUnary(n, ids)
	case *ast.BinaryNode:
		return compileBinary(n, ids)
	case *ast.ArrayNode:
		return compileArray(n.Nodes, ids)
	case *ast.CallNode:
		if callee, ok := n.Callee.(*ast.IdentifierNode); ok {
			return compileCall(callee.Value, n.Arguments, ids)
		}
	case *ast.BuiltinNode:
		return term{}, fmt.Errorf("%s is not a function of metric math", n.Name)
	}
	return term{}, fmt.Errorf("%s is not simulated", node)
}

func constant(v float64) term {
	return term{value: func(*moment) (float64, bool) { return v, true }}
}

func compileAll(nodes []ast.Node, ids scope) ([]term, error) {
	terms := make([]term, len(nodes))
	for i, node := range nodes {
		t, err := compileNode(node, ids)
		if err != nil {
			return nil, err
		}
		terms[i] = t
	}
	return terms, nil
}

func compileArray(nodes []ast.Node, ids scope) (term, error) {
	elements, err := compileAll(nodes, ids)
	if err != nil {
		return term{}, err
	}
	for _, e := range elements {
		if e.array != nil || !e.series {
			return term{}, fmt.Errorf("an array of something else than time series is not simulated (%s)", e.kind())
		}
	}
	return term{series: true, array: elements}, nil
}

func compileUnary(n *ast.UnaryNode, ids scope) (term, error) {
	inner, err := compileNode(n.Node, ids)
	if err != nil {
		return term{}, err
	}
	if n.Operator != "-" && n.Operator != "+" || inner.array != nil {
		return term{}, fmt.Errorf("operator %s is not simulated", n.Operator)
	}
	if n.Operator == "+" {
		return inner, nil
	}
	return apply(func(v float64) float64 { return -v }, inner), nil
}

var operators = map[string]func(a, b float64) float64{
	"+":  func(a, b float64) float64 { return a + b },
	"-":  func(a, b float64) float64 { return a - b },
	"*":  func(a, b float64) float64 { return a * b },
	"/":  func(a, b float64) float64 { return a / b },
	"^":  math.Pow,
	"<":  func(a, b float64) float64 { return truth(a < b) },
	"<=": func(a, b float64) float64 { return truth(a <= b) },
	">":  func(a, b float64) float64 { return truth(a > b) },
	">=": func(a, b float64) float64 { return truth(a >= b) },
	"==": func(a, b float64) float64 { return truth(a == b) },
	"!=": func(a, b float64) float64 { return truth(a != b) },
	"&&": func(a, b float64) float64 { return truth(a != 0 && b != 0) },
	"||": func(a, b float64) float64 { return truth(a != 0 || b != 0) },
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// compileBinary has a value where both sides have one; a division by zero has none.
func compileBinary(n *ast.BinaryNode, ids scope) (term, error) {
	do, known := operators[n.Operator]
	if !known {
		return term{}, fmt.Errorf("operator %s is not simulated", n.Operator)
	}
	sides, err := compileAll([]ast.Node{n.Left, n.Right}, ids)
	if err != nil {
		return term{}, err
	}
	a, b := sides[0], sides[1]
	if a.array != nil || b.array != nil {
		return term{}, fmt.Errorf("operator %s on an array is not simulated", n.Operator)
	}
	return term{series: a.series || b.series, value: func(m *moment) (float64, bool) {
		left, ok := a.value(m)
		if !ok {
			return 0, false
		}
		right, ok := b.value(m)
		if !ok {
			return 0, false
		}
		return finite(do(left, right))
	}}, nil
}

func finite(v float64) (float64, bool) { return v, !math.IsNaN(v) && !math.IsInf(v, 0) }

func apply(do func(float64) float64, inner term) term {
	return term{series: inner.series, value: func(m *moment) (float64, bool) {
		v, ok := inner.value(m)
		if !ok {
			return 0, false
		}
		return finite(do(v))
	}}
}

// compileCall knows IF, FILL with a number, ABS, CEIL, FLOOR, PERIOD, and SUM, AVG, MIN and MAX of an array of series.
func compileCall(name string, arguments []ast.Node, ids scope) (term, error) {
	args, err := compileAll(arguments, ids)
	if err != nil {
		return term{}, err
	}
	arrays := 0
	for _, a := range args {
		if a.array != nil {
			arrays++
		}
	}
	switch {
	case len(args) == 1 && arrays == 1 && reductions[name] != nil:
		return reduce(reductions[name], args[0].array), nil
	case reductions[name] != nil:
		return term{}, fmt.Errorf("%s is simulated for one array of time series only, like %s([a, b])", name, name)
	case arrays > 0:
	case name == "IF" && len(args) == 3:
		return compileIf(args[0], args[1], args[2]), nil
	case name == "FILL" && len(args) == 2 && args[0].series && !args[1].series:
		return fill(args[0], args[1]), nil
	case name == "PERIOD" && len(args) == 1 && args[0].series:
		return term{value: func(m *moment) (float64, bool) { return float64(m.to-m.from) * 60, true }}, nil
	case name == "ABS" && len(args) == 1:
		return apply(math.Abs, args[0]), nil
	case name == "CEIL" && len(args) == 1:
		return apply(math.Ceil, args[0]), nil
	case name == "FLOOR" && len(args) == 1:
		return apply(math.Floor, args[0]), nil
	}
	kinds := make([]string, len(args))
	for i, a := range args {
		kinds[i] = a.kind()
	}
	return term{}, fmt.Errorf("%s(%s) is not simulated", name, strings.Join(kinds, ", "))
}

func (t term) kind() string {
	switch {
	case t.array != nil:
		return "array"
	case t.series:
		return "series"
	}
	return "scalar"
}

func compileIf(cond, yes, no term) term {
	return term{series: cond.series || yes.series || no.series, value: func(m *moment) (float64, bool) {
		c, ok := cond.value(m)
		switch {
		case !ok:
			return 0, false
		case c != 0:
			return yes.value(m)
		}
		return no.value(m)
	}}
}

func fill(series, with term) term {
	return term{series: true, value: func(m *moment) (float64, bool) {
		if v, ok := series.value(m); ok {
			return v, true
		}
		return with.value(m)
	}}
}

// reductions fold the series of an array at each moment; n is how many have a value there.
var reductions = map[string]func(values []float64) float64{
	"SUM": total,
	"AVG": func(values []float64) float64 { return total(values) / float64(len(values)) },
	"MIN": func(values []float64) float64 {
		least := values[0]
		for _, v := range values {
			least = min(least, v)
		}
		return least
	},
	"MAX": func(values []float64) float64 {
		most := values[0]
		for _, v := range values {
			most = max(most, v)
		}
		return most
	},
}

func total(values []float64) (sum float64) {
	for _, v := range values {
		sum += v
	}
	return sum
}

func reduce(fold func([]float64) float64, elements []term) term {
	return term{series: true, value: func(m *moment) (float64, bool) {
		var values []float64
		for _, e := range elements {
			if v, ok := e.value(m); ok {
				values = append(values, v)
			}
		}
		if len(values) == 0 {
			return 0, false
		}
		return finite(fold(values))
	}}
}
