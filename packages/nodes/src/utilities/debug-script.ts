import { scriptText } from '../escaping/script-text.ts';

/** For clients that run scripts: a window to show texts in, and a way to press the button of the step. */
export const debugWindow = `window.assentDebug = window.assentDebug || {
    show: function (text) {
        var popup = window.open('', 'assent-debug', 'width=640,height=800');
        if (!popup) { return; }
        var entry = popup.document.createElement('pre');
        entry.textContent = text;
        popup.document.body.appendChild(entry);
    },
    next: function () {
        var button = document.getElementById('loginButton_0');
        if (button) { button.click(); }
    }
};`;

/** Shows the text, where there is one, and goes on. The text is data: nothing in it can end the literal or the element. */
export const debugStep = (text: string | undefined): string =>
  `${text === undefined ? '' : `window.assentDebug.show('${scriptText(text)}');\n`}window.assentDebug.next();`;
