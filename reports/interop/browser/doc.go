// Package browser opens the reports in headless Chromium, and judges them with axe-core. It has
// tests only, which run with the flag -browser:
//
//	make browser
package browser
