<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en_US">
<context>
    <name>ActionRow</name>
    <message>
        <source>Actions for this message</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Previous version</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Left</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Next version</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Right</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy message</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Regenerate</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Edit reply</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Edit message</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Good reply</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Bad reply</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Details of this reply</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Version %1 of %2</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Note</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Adding</name>
    <message>
        <source>Progress of {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Link</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use it now</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Close this notice</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>“Link” uses the file where it is ({0} saved; do not delete it). “Copy” makes a copy for Attune.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} was added.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Ages</name>
    <message>
        <source>Pinned</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Today</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Yesterday</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Last 7 days</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Last 30 days</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Older</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ArrivalBar</name>
    <message>
        <source>Model download</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Download</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Progress of the model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pause</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Resume</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Downloading {0}: {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel the download?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What has been downloaded so far ({0}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>nothing yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Delete it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose “Pause” to continue later.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Close this notice</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0}: the download is paused.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Try again</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ArrivalPresenter</name>
    <message>
        <source>{0} is ready and answers from now on.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} is ready. It answers in your next new chat.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use it now</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} could not be loaded, so the starter answers: {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Try again</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Banner</name>
    <message>
        <source>Notice</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Close this notice</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>OK</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Body</name>
    <message>
        <source>Text of the message</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show more</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Changes</name>
    <message>
        <source>Your changes. Attune learns from them.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Removed: {0}. Added: {1}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>nothing</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ChatPage</name>
    <message>
        <source>Chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Conversation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your message</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Choice</name>
    <message>
        <source>Choices</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>CodeBlock</name>
    <message>
        <source>Copy code</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Code</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Text</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Code, %s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copied</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ComparePage</name>
    <message>
        <source>Compare blind</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Back to the chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Messages you sent</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Compare</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Blind</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>and</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No difference</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The message that both replies answer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Message for both replies</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>My messages</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>First side</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Second side</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Prefer A</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Prefer B</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Skip</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open as a chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Score</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>my style</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the original model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Both are written at the same time, one reply each.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Which reply do you prefer? You can also choose “No difference”, or skip.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>You are not told which reply is which until you have voted.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>You see which reply is which. Only blind votes count.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Being written…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A has {0} words, B {1}; {2} % of the words are the same. Only blind votes count.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ComparePresenter</name>
    <message>
        <source>the original model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>my style</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Checked before the first word: one side is the original model.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A reply was cut off, so there is nothing to compare.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Both replies were written by the original model, so there is nothing to compare.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The replies were not written by the two sides as planned, so this comparison does not count.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Both replies are the same.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Checked before the first word: one side is the original model (its logits are the stored model&apos;s, largest difference {0}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Saved.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} keeps losing to the original model, so it was switched off. {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Skipped. Nothing was saved.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your style is off. Turn it on to compare.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no style to compare yet. Rate a few replies first.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Composer</name>
    <message>
        <source>Your message</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Attach a picture</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Record a sound</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>recording.wav</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Send</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>pasted picture</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pictures ({0})</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sounds ({0})</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pictures and sounds ({0})</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This model cannot see pictures.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This model cannot hear sounds.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Attach a picture or a sound</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Attach a sound</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>End the recording</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The text is too long to paste. A message has at most {0} characters.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ConfirmDialog</name>
    <message>
        <source>erase</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Type “{0}” to confirm</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ConversationModel</name>
    <message>
        <source>New chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0}, pinned</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ConversationPresenter</name>
    <message>
        <source>{0} cannot see pictures.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A model has to be loaded before it can hear a sound.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} cannot hear sounds. The Models page shows which ones can.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There are two replies to this message. Which do you prefer?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Compare</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open this address in your browser? {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Details</name>
    <message>
        <source>style %s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no style</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>1 token</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%s tokens</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%s tokens per second</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>first token after %s s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>prompt %s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>seed %s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Details of this reply</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>Your ratings changed %n word choice(s).</source>
        <translation type="unfinished">
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>Words chosen: %s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your ratings did not change any words.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model was told: %s</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>The best of %n replies by your ratings:</source>
        <translation type="unfinished">
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>the end</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>EditedNote</name>
    <message>
        <source>Edited by you</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use the original</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Hide changes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show changes</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>EngineBridge</name>
    <message>
        <source>Starter</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>EnginePresenter</name>
    <message>
        <source>Try again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Starting…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No model yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Preparing…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Loading…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Engine stopped</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Loading</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ForgettingPresenter</name>
    <message>
        <source>Learn again without it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Too few ratings are left to learn again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop using it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Delete them…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} older versions</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} and {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The version in use did not learn from it. Older versions that did are still kept.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} is in use.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} learned from what you removed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Wait until a model is loaded and no update is running.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} {1}, which learned from it, is still in use.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} is no longer in use.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Delete these versions of your style?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Delete</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your ratings stay. This cannot be undone.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The versions that learned from it are deleted.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Header</name>
    <message>
        <source>Conversation header</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show or hide the sidebar</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Models</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your style</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No model yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>New chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Model: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose the model that answers</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All models…</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ImageViewer</name>
    <message>
        <source>Picture</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>InlineEditor</name>
    <message>
        <source>Your version of the reply</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Edit your message</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Attune learns from your changes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The old version is kept</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Send</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>KeysPage</name>
    <message>
        <source>Keyboard shortcuts</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>In the window</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>In the message box</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Send (or Ctrl+Enter, by the settings)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>New line</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Edit the last message, in an empty box</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>LearningBar</name>
    <message>
        <source>Learning</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Progress of learning</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pause</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>See versions</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Close this notice</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Learning is paused.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>step {0} of {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Learning from your ratings: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>OK</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The style {0} learns from your ratings: {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Resume</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>starting…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>reward {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>KL {0} nats per token</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The style {0} was updated and checked.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your style was updated and checked.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Learning was cancelled. Your style is unchanged.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your style was not changed. {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>preparing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>reading the ratings</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>practising on your prompts</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>training</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>checking the result</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>about {0} s left</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>about {0} min left</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Learning stopped: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Figures</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>LearningSection</name>
    <message>
        <source>Learning</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Write in my style</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Describe your style to the model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A few sentences from your ratings, for models that follow instructions well. The details of a reply show them.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pick the best continuation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Every few words, several continuations are written. The one that fits your ratings best is kept.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>After new ratings</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>When plugged in</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A reply you ask for always goes first.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>When off, the original model writes the replies. Ratings and versions are kept.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Guide replies while they are written</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Uses your ratings at once, before an update learns from them.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Compare whole replies instead</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Slower: several replies are written to the end, and the best then appears all at once.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>When the computer is idle</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Only when I choose “Learn now”</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Learn automatically</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Train longer when I am away</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>After ten new ratings, when you have been away for ten minutes and the computer is plugged in.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>New ratings before an update</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>At least four.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Careful</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Normal</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Bold</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Learning strength</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How much an update may change the model. Every update must pass the same checks.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The share of time that learning may use. It takes effect at once.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sometimes Attune shows two replies and asks which you prefer. You can always skip.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Processor time</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Offer comparisons</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ListPresenter</name>
    <message>
        <source>New chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Deleted “{0}”</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>MessageList</name>
    <message>
        <source>Scroll the conversation</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>MessageWidget</name>
    <message>
        <source>Press Tab for its buttons, arrow keys for other messages</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ModelRow</name>
    <message>
        <source>Best for this computer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Progress of {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Download</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Download {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pause</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pause the download of {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remove</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} parameters</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>sees pictures</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>gets a description of pictures</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>hears sounds</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} download</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>you accept its terms first</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Preparing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Failed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remove {0}?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The files of the model ({0}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What has been downloaded so far ({0}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your conversations, ratings and styles stay. It can be downloaded again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>about {0} of memory</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Licence: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>In use</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not on this computer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Loading</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Starting</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stopped</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use it now</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Resume</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Resume the download of {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Discard</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ModelWords</name>
    <message>
        <source>Connecting</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Downloading</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Checking</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copying the model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Checking the model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reading the settings</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reading the vocabulary</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Merging the adapter</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Paused</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>less than a minute left</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} min left</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} of {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0}/s</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ModelsPage</name>
    <message>
        <source>Models</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>On this computer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your own</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Other models</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Import from a folder…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Import from a file…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Add a model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A folder with safetensors weights, a PEFT adapter for a model you have, or a GGUF file; or drop it on this page. It is checked before it is used.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>OWNER/NAME</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Name of a model on the hub, OWNER/NAME</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Download</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Download this model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Only for models whose terms you accepted on the hub. It is stored in the system keyring and nowhere else; without a keyring it is used until Attune is closed. Press Enter to keep it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Running models</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Picture detail</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>“Detailed” reads small print and takes longer. “Automatic” is fast without a graphics card.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Unload the model after</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A model on your disk</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A model on the hub</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Any other model on the hub</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Attune downloads it only if it supports the model type, the weights are safetensors, and no extra code is needed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Downloads</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Another hub address</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A mirror, where huggingface.co cannot be reached.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Proxy</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Leave empty to use the system setting.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Access token</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Fast</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Detailed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} minutes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Never</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>After this time without a message, the model is unloaded. The next message loads it again and takes longer.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A model file</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>GGUF (*.gguf)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A folder with a model</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ModelsPresenter</name>
    <message>
        <source>Attune was started with --offline, so nothing is downloaded.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is a model called {0} on this computer already.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} is ready.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use it now</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The access token is stored in the system keyring.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No system keyring was found. The access token is used until Attune is closed.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>OfferCard</name>
    <message>
        <source>A better model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Download</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not now</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A better model for this computer: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0}, downloaded once in the background. The starter answers until then. None of your data is sent.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Page</name>
    <message>
        <source>Back to the chat</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Pages</name>
    <message>
        <source>Export to</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>JSON (*.json)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Exported to {0}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Import from a file</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Exports (*.json *.jsonl *.zip)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>From {0}: {1} new chats with {2} new messages and {3} ratings.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Import</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing that is already here is changed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Imported {0}: {1} chats and {2} messages were new.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>PairChoice</name>
    <message>
        <source>Which reply do you prefer?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Which reply do you prefer? Attune learns from your choice.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Skip</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>PendingPictures</name>
    <message>
        <source>Pictures and sounds to send</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A message can have at most {0} pictures and sounds.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Presets</name>
    <message>
        <source>E-mail</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>my landlord, Mr Klein</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the heating has been cold since Monday</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>have it repaired this week</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tone</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>friendly but firm</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ada</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Article</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Topic</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>why sleep matters</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>readers of a local paper</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>To</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Subject</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What you want</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your name</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Audience</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Main points</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Length</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>about 300 words</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Story</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Idea</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a lighthouse keeper finds a letter</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Characters</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Speakers</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Facts</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The customer&apos;s message</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your answer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Text</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Target language</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Mood</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>quiet, a little eerie</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Script</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Scene</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>two friends miss the last train</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Mia and Tom</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Form</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a radio play</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>News brief</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>who, what, when, where</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>five sentences</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Customer reply</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>helpful and brief</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Translation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>French</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>as in the original</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>PrivacyPage</name>
    <message>
        <source>Data and privacy</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What is kept</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Conversations</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What you and the model wrote, drafts and presets, in one database.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Erase all conversations?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ratings</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Erase all ratings?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pictures and sounds you attached</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Learned styles</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Erase all versions?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Models</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Logs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Erase everything</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Everything below is kept in one folder on this computer that only you can read. Attune sends none of it anywhere.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Everything</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Conversations, pictures, ratings, styles, backups and logs are erased from every file. Models and settings stay.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Erase everything Attune knows about you?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your ratings and the preferences you set, in the same database.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Without metadata. Erased with their conversations.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Every version, also those that are not used.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>They contain none of your data.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Erase the logs?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Backups</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copies of the database of the last days.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Erase all backups?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What Attune did and when. They never contain what you write.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Settings and other files</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Preferences, window size, lock files.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open the folder of: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Erase…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Erase: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Models and settings stay.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your ratings stay, so a style can be learned again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The conversations themselves stay.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This cannot be undone.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Erase</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>%n conversation(s)</source>
        <translation type="unfinished">
            <numerusform></numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n version(s)</source>
        <translation type="unfinished">
            <numerusform></numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n rating(s)</source>
        <translation type="unfinished">
            <numerusform></numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n corrected trait(s)</source>
        <translation type="unfinished">
            <numerusform></numerusform>
        </translation>
    </message>
</context>
<context>
    <name>PrivacyPresenter</name>
    <message>
        <source>Export ratings to</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>JSON lines (*.jsonl)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Exported to {0}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Erased.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>QuestionWidget</name>
    <message>
        <source>You</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Picture %s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Recognised: %s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing recognised</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>RatingLine</name>
    <message>
        <source>Open: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>for the style {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reverse</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Change good to bad, or bad to good</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remove rating</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Restore rating</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>RatingWords</name>
    <message>
        <source>Rated good</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Rated bad</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Edited by you</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Compared: no difference</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Compared with another</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Described how replies should be</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Continued with this reply</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0}, version {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Version {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>removed; still in {0} until the next update</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>removed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>imported, not used until you confirm</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>learned from in {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>kept aside to check updates</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>not learned yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Preferred to the original model in {0} of {1} blind comparisons ({2} to {3} %).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Rating removed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Saved.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>RatingsPage</name>
    <message>
        <source>My ratings</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Learn again without them</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use them for learning</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ratings</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show more</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>%n rating(s), the newest first.</source>
        <translation type="unfinished">
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>None yet. Use the thumbs below a reply, or Alt+Up and Alt+Down.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} learned from ratings that you removed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>%n imported rating(s) teach nothing until you say so.</source>
        <translation type="unfinished">
            <numerusform></numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ReasonRow</name>
    <message>
        <source>Why</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>%n star(s)</source>
        <translation type="unfinished">
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>Always</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Why? (optional)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Note on this rating</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Close</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>love it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>right length</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>good tone</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>helpful</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>too long</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>too short</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>too formal</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>too casual</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>wrong</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>off topic</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Always shorter</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Always longer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Always more casual</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Always more formal</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Recognition</name>
    <message>
        <source>{0} ({1} %)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>, maybe {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>text: {0}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Recorder</name>
    <message>
        <source>No microphone was found.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The microphone could not be opened.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The microphone gave no sound.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>RelearnBar</name>
    <message>
        <source>Your style and this model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Learn</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Later</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Learning</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} has not learned your style yet. Learn it from your {1} ratings, in the background?</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>RepliesSection</name>
    <message>
        <source>Replies</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>For example: Answer briefly and in plain words.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Instructions</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Advanced</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Top p</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Top k</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Min p</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Instructions that the model gets in every chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Instructions that the model gets in every chat.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sampling</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>0 always picks the most likely word.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sample from the most likely words up to this total probability.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sample from this many of the most likely words. 0: all.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Leave out words less likely than this share of the most likely word.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Repetition penalty</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Above 1, words already used become less likely.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Longest reply</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>In tokens. A word has about 1.3 tokens.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reset</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Back to what suits the model</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ReplyPane</name>
    <message>
        <source>Reply {0}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ReplyWidget</name>
    <message>
        <source>Attune</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Thinking…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Note</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Hide the highlighting</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Highlight words changed by your style</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The oldest message did not fit into the context and was left out.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The %s oldest messages did not fit into the context and were left out.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the style</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stopped at the length limit.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stopped by you.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>RowPainter</name>
    <message>
        <source>New chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Title of the conversation</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>SettingsPage</name>
    <message>
        <source>Settings</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Light</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Dark</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Theme</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Text size</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Language</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Writing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Enter sends the message</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Match system</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Takes effect after a restart.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Shift+Enter starts a new line. When off, Ctrl+Enter sends.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Notify me when a reply is done</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Attune can be used with the keyboard alone.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your data</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Data folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export everything</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Conversations, pictures and ratings in one JSON file.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Import…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Import from a file</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All data by kind, with size and folder. Export or erase it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Privacy</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Or press Ctrl with + or − anywhere.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Highlights Attune in the taskbar while you use another window.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing that is already here is changed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Attune runs on this computer. It has no account, sends no usage figures, and opens no connection by itself.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What is kept</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>%n conversation(s)</source>
        <translation type="unfinished">
            <numerusform></numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n rating(s)</source>
        <translation type="unfinished">
            <numerusform></numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Shortcuts</name>
    <message>
        <source>New chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Search all chats</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show or hide the sidebar</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Go to the message box</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Attach a picture</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop the reply, or go back to the chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy the last reply</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Regenerate the last reply</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy the last code block</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Good reply</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Bad reply</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Prefer reply A</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Prefer reply B</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Rename this chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pin or unpin this chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Delete this chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Undo deleting a chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Next chat in the list</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Previous chat in the list</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Settings</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Zoom in</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Zoom out</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Actual size</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Close Attune</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Sidebar</name>
    <message>
        <source>Conversations</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>New chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Search all chats</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>List of conversations</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No results</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Writing desk</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Models</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Settings</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Unpin</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pin</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Rename</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Delete</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Sound</name>
    <message>
        <source>Recording and playing need the package PySide6-Addons: pip install &quot;attune-desktop[sound]&quot;.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>SoundChip</name>
    <message>
        <source>Sound {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sound</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Play {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remove {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop {0}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>StatusLine</name>
    <message>
        <source>Status</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Offline</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} tokens per second</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>context {0}/{1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>({0} oldest messages left out)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Online</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing leaves this computer. The model runs here and Attune opens no connection.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Attune connects only when you ask for a download.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>StoreThread</name>
    <message>
        <source>Something went wrong. The log file has the details.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>StyleButton</name>
    <message>
        <source>Style of this chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Name a new style</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Name of a new style</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A new style</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>My style</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Style off</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Style: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Style of the replies in this chat. Your ratings here teach it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Always {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Off in this chat</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>StyleChoicePresenter</name>
    <message>
        <source>This chat now uses the style {0}. Rate its replies to teach it.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>StylePanel</name>
    <message>
        <source>Your style</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What you like</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Traits</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Learn now</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use my style</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Add a preference</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Train longer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Good replies</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Bad replies</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Replies you edited</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>My ratings</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Compare blind</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Versions</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The style {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Rate replies with the thumbs below them. Your ratings are listed here.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All your ratings have been learned from.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No clear preference yet. Rate a few more replies.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Off in this chat: the original model writes the replies.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not trained yet. Your ratings already guide the choice of words.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No style has been learned yet. The original model writes the replies.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} or {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Recent ratings</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>It learns automatically after %n more.</source>
        <translation type="unfinished">
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>Several rounds of practice on your own prompts. This takes a few minutes.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0}, learned from {1} of your ratings</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>%n rating(s) have not been learned from yet.</source>
        <translation type="unfinished">
            <numerusform></numerusform>
        </translation>
    </message>
</context>
<context>
    <name>StylePanelPresenter</name>
    <message>
        <source>Replies are written in your style.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your style is off: the original model writes the replies.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A model has to be loaded first.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your ratings say nothing about its style yet.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Score by your ratings {0}: {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Comparing the words with and without your style…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>From now on: {0}.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>TableBlock</name>
    <message>
        <source>Table</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show more rows</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show more rows (%s left)</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>TraitPage</name>
    <message>
        <source>One trait</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Back to your style</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your preference</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ratings behind this</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your ratings say nothing about this yet.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Supports this</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Contradicts this</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>As my ratings say</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>You like this {0} ({1}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>From {0} to {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No rating shows it yet</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>TraitRow</name>
    <message>
        <source>Show the ratings behind this, or change it</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Traits</name>
    <message>
        <source>longer replies</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>shorter replies</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>longer sentences</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>shorter sentences</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>lists</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>running text</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>headings and bold words</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>plain text</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>many paragraphs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>one block of text</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>emoji</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no emoji</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>exclamation marks</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no exclamation marks</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>questions back</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no questions</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a formal tone</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a casual tone</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>greetings and thanks</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>getting to the point</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>speaking to you</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>not addressing you</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>speaking as I or we</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no I or we</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>careful wording</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>definite wording</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>long words</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>simple words</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>figures</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no figures</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>code</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no code</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Chinese</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>not Chinese</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>quotations and brackets</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no quotations or brackets</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>more commas</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>fewer commas</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>more semicolons</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>fewer semicolons</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>more colons</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>fewer colons</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>more dashes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>fewer dashes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>“{0}” more often</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>“{0}” less often</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>less {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a little</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>clearly</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>strongly</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>set by you</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>sure</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>fairly sure</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>not sure yet</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>TranscriptView</name>
    <message>
        <source>Conversation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Messages</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Go to the latest message</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Attune is writing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Attune: %s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Which reply do you prefer? Reply A: {0}. Reply B: {1}.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>TrendChart</name>
    <message>
        <source>{0}, version by version</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Preferred, blind</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Agrees with you</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reward</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>KL per token</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Version {0}: {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>({0} to {1})</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>in use</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>UndoBar</name>
    <message>
        <source>Undo</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>VersionCard</name>
    <message>
        <source>Name of this version</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>In use</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not used</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ready</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Roll back to this</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use this</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Try it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Compare with the original model on one of your messages</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Delete {0}?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What this version learned.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your ratings and the other versions stay.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ratings it learned from that were deleted or removed: {0}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>KL per token</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>words per reply</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Rename</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Delete</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>imported</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>learned from {0} ratings</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>checked with {0} kept aside</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>took {0} s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>agreement with ratings kept aside</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>reward</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>perplexity on general text</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>complete replies</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>repetition</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} (before: {1})</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>VersionsPage</name>
    <message>
        <source>Versions of your style</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Style</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remove this style</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use the original model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The original model writes the replies. Versions and ratings are kept.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Trend over versions</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>%n version(s)</source>
        <translation type="unfinished">
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>Remove the style “{0}”?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Its name and what it learned: {0}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remove</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your ratings and conversations stay. This cannot be undone.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No version yet. Rate a few replies, good and bad, then choose “Learn now”.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>None is in use. The original model writes the replies.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Styles</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Import…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A folder with a PEFT LoRA adapter for this model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>My own style</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} is in use.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>VersionsPresenter</name>
    <message>
        <source>A new folder for this version</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Exported to {0}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A folder with a LoRA adapter</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Welcome</name>
    <message>
        <source>Welcome</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A better model for this computer: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Write an e-mail</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Write a short, friendly e-mail to </source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ask about a picture</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Explain something</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Explain in simple words: </source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tell a story</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tell me a short story about </source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Welcome to Attune</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your own assistant. It runs on this computer, looks at the pictures you attach, and learns your style from the ratings you give its replies. There is no account, and nothing you write leaves this computer.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What can I help with?</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>WindowFrame</name>
    <message>
        <source>Page</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sidebar and chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Width of the sidebar</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>WordColours</name>
    <message>
        <source>more likely with {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>three times or more</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>less likely</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a third or less</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>WritingPage</name>
    <message>
        <source>Writing desk</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What to write</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Written in</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Write</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Put in the message box</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Delete the preset “{0}”?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Delete</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Delete this preset</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Style for this kind of text</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A separate style learns only from the texts you rate here.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Its template.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>My own style</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A new style: {0}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>_Edit</name>
    <message>
        <source>Message</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Message Attune</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>_Maker</name>
    <message>
        <source>Your own preset</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Name, for example: Minutes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Name of the preset</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What the model is asked, for example: Write minutes of a meeting about {topic}: {notes}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Text of the preset</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Words in {braces} become fields.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>_ModelCard</name>
    <message>
        <source>Model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Progress of the model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Try again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Download the starter model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Starting the engine</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The starter model is not on this computer yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Preparing the starter model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Loading the model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Its language model (93 MB) is downloaded once from the Python package index. None of your data is sent.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This happens once. You can already type. Your message is answered when the model is ready.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>You can already type.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>_Notice</name>
    <message>
        <source>Notice</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>_Problem</name>
    <message>
        <source>Try again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Problem</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>_Side</name>
    <message>
        <source>Reply {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Prefer {0}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>_Tile</name>
    <message>
        <source>Open {0} large</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remove {0}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>_Words</name>
    <message numerus="yes">
        <source>%n rating(s) so far.</source>
        <translation type="unfinished">
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>Saved. No clear preference yet.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The next replies follow it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The next update learns from it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>%n star(s)</source>
        <translation type="unfinished">
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>{0}: {1} with {2}, {3} without: {4}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Each word&apos;s probability with your style and with the original model.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ending here was {0}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>More likely with the style</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your style changed no word by much.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} times less likely</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Less likely</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} times as likely</source>
        <translation type="unfinished"></translation>
    </message>
</context>
</TS>
