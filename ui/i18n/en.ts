<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en_US">
<context>
    <name>Details</name>
    <message numerus="yes">
        <source>Your ratings changed %n word choice(s).</source>
        <translation>
            <numerusform>Your ratings changed %n word choice.</numerusform>
            <numerusform>Your ratings changed %n word choices.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>The best of %n replies by your ratings:</source>
        <translation>
            <numerusform>The best of %n reply by your ratings:</numerusform>
            <numerusform>The best of %n replies by your ratings:</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>FileChip</name>
    <message numerus="yes">
        <source>%n page(s)</source>
        <translation>
            <numerusform>%n page</numerusform>
            <numerusform>%n pages</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ListPresenter</name>
    <message numerus="yes">
        <source>Deleted %n chat(s)</source>
        <translation>
            <numerusform>Deleted %n chat</numerusform>
            <numerusform>Deleted %n chats</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>OwnTextsPage</name>
    <message numerus="yes">
        <source>%n more</source>
        <translation>
            <numerusform>%n more</numerusform>
            <numerusform>%n more</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>OwnTextsPresenter</name>
    <message numerus="yes">
        <source>%n text(s) added.</source>
        <translation>
            <numerusform>%n text added.</numerusform>
            <numerusform>%n texts added.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n text(s) were there already.</source>
        <translation>
            <numerusform>%n text was there already.</numerusform>
            <numerusform>%n texts were there already.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Pages</name>
    <message numerus="yes">
        <source>Restored %n chat(s).</source>
        <translation>
            <numerusform>Restored %n chat.</numerusform>
            <numerusform>Restored %n chats.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Deleted %n chat(s) for good.</source>
        <translation>
            <numerusform>Deleted %n chat for good.</numerusform>
            <numerusform>Deleted %n chats for good.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>PrivacyPage</name>
    <message numerus="yes">
        <source>%n conversation(s)</source>
        <translation>
            <numerusform>%n conversation</numerusform>
            <numerusform>%n conversations</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n version(s)</source>
        <translation>
            <numerusform>%n version</numerusform>
            <numerusform>%n versions</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n rating(s)</source>
        <translation>
            <numerusform>%n rating</numerusform>
            <numerusform>%n ratings</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n corrected trait(s)</source>
        <translation>
            <numerusform>%n corrected trait</numerusform>
            <numerusform>%n corrected traits</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n text(s) of your own</source>
        <translation>
            <numerusform>%n text of your own</numerusform>
            <numerusform>%n texts of your own</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>RatingsPage</name>
    <message numerus="yes">
        <source>%n rating(s), the newest first.</source>
        <translation>
            <numerusform>%n rating.</numerusform>
            <numerusform>%n ratings, the newest first.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n imported rating(s) teach nothing until you say so.</source>
        <translation>
            <numerusform>%n imported rating teaches nothing until you say so.</numerusform>
            <numerusform>%n imported ratings teach nothing until you say so.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ReasonRow</name>
    <message numerus="yes">
        <source>%n star(s)</source>
        <translation>
            <numerusform>%n star</numerusform>
            <numerusform>%n stars</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>SelectionBar</name>
    <message numerus="yes">
        <source>%n selected</source>
        <translation>
            <numerusform>%n selected</numerusform>
            <numerusform>%n selected</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>SettingsPage</name>
    <message numerus="yes">
        <source>%n conversation(s)</source>
        <translation>
            <numerusform>%n conversation</numerusform>
            <numerusform>%n conversations</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n rating(s)</source>
        <translation>
            <numerusform>%n rating</numerusform>
            <numerusform>%n ratings</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>SnapshotsPage</name>
    <message numerus="yes">
        <source>%n message(s), not there any more</source>
        <translation>
            <numerusform>%n message, not there any more</numerusform>
            <numerusform>%n messages, not there any more</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n message(s) missing</source>
        <translation>
            <numerusform>%n message missing</numerusform>
            <numerusform>%n messages missing</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>And %n more chat(s).</source>
        <translation>
            <numerusform>And %n more chat.</numerusform>
            <numerusform>And %n more chats.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n chat(s)</source>
        <translation>
            <numerusform>%n chat</numerusform>
            <numerusform>%n chats</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n message(s)</source>
        <translation>
            <numerusform>%n message</numerusform>
            <numerusform>%n messages</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n rating(s)</source>
        <translation>
            <numerusform>%n rating</numerusform>
            <numerusform>%n ratings</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n chat(s) that are newer</source>
        <translation>
            <numerusform>%n chat that is newer</numerusform>
            <numerusform>%n chats that are newer</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n message(s) that are newer</source>
        <translation>
            <numerusform>%n message that is newer</numerusform>
            <numerusform>%n messages that are newer</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n rating(s) that are newer</source>
        <translation>
            <numerusform>%n rating that is newer</numerusform>
            <numerusform>%n ratings that are newer</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>SnapshotsPresenter</name>
    <message numerus="yes">
        <source>Restored: %n message(s) came back.</source>
        <translation>
            <numerusform>Restored: %n message came back.</numerusform>
            <numerusform>Restored: %n messages came back.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>StyleCardPage</name>
    <message numerus="yes">
        <source>Bring back %n removed sentence(s)</source>
        <translation>
            <numerusform>Bring back %n removed sentence</numerusform>
            <numerusform>Bring back %n removed sentences</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>StylePanel</name>
    <message numerus="yes">
        <source>%n rating(s) have not been learned from yet.</source>
        <translation>
            <numerusform>%n rating has not been learned from yet.</numerusform>
            <numerusform>%n ratings have not been learned from yet.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>It learns automatically after %n more.</source>
        <translation>
            <numerusform>It learns automatically after %n more.</numerusform>
            <numerusform>It learns automatically after %n more.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>TrashPage</name>
    <message numerus="yes">
        <source>%n chat(s)</source>
        <translation>
            <numerusform>%n chat</numerusform>
            <numerusform>%n chats</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>And %n older one(s).</source>
        <translation>
            <numerusform>And %n older one.</numerusform>
            <numerusform>And %n older ones.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n day(s) left</source>
        <translation>
            <numerusform>%n day left</numerusform>
            <numerusform>%n days left</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>and %n more</numerusform>
            <numerusform>and %n more</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Delete %n chat(s) for good?</source>
        <translation>
            <numerusform>Delete %n chat for good?</numerusform>
            <numerusform>Delete %n chats for good?</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>VersionsPage</name>
    <message numerus="yes">
        <source>%n version(s)</source>
        <translation>
            <numerusform>%n version</numerusform>
            <numerusform>%n versions</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>_Counts</name>
    <message numerus="yes">
        <source>%n rating(s)</source>
        <translation>
            <numerusform>%n rating</numerusform>
            <numerusform>%n ratings</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n edit(s)</source>
        <translation>
            <numerusform>%n edit</numerusform>
            <numerusform>%n edits</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n text(s) of your own</source>
        <translation>
            <numerusform>%n text of your own</numerusform>
            <numerusform>%n texts of your own</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>_Words</name>
    <message numerus="yes">
        <source>%n rating(s) so far.</source>
        <translation>
            <numerusform>%n rating so far.</numerusform>
            <numerusform>%n ratings so far.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n star(s)</source>
        <translation>
            <numerusform>%n star</numerusform>
            <numerusform>%n stars</numerusform>
        </translation>
    </message>
</context>
</TS>
