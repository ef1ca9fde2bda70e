// Package browser opens reports in a real browser: Chromium, headless, without a network. Its tests have the build tag
// browser, because they need Chromium: at $SERIN_CHROMIUM, or /usr/bin/chromium.
//
//	go test -tags browser ./e2e/browser
//
// Screenshots are written to build/screens. Look at them: no test sees that a page is ugly.
package browser
