import '../kit/tokens.css';
import '../kit/kit.css';
import './oauth.css';

// The page has one form, and leads on by it. A field may be called `submit`, and would then stand before the form's own.
const [form] = document.forms;
if (form !== undefined) HTMLFormElement.prototype.submit.call(form);
