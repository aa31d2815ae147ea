import '../style/site.css';
import { addCopyButtons } from './copy-buttons.ts';
import { showCurrentPage } from './current-page.ts';
import { reachableByKeys } from './scrolled-parts.ts';
import { searchBox } from './search-box.ts';
import { showResults } from './search-results.ts';

addCopyButtons();
reachableByKeys();
showCurrentPage();
searchBox();
void showResults();
